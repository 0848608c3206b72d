/** Queries: what is written to find takes, in the daemon's language (docs/finding.md), as far as the page writes it. */

import type { Take } from '../types.ts'

/** One condition, and where it stands in the query. */
export interface Term {
  at: number
  end: number
  field: string | null
  value: string
  isNegated: boolean
}

const TERM = /(-)?(?:([a-z]+):)?(?:"([^"]*)"?|([^\s"]+))/gi

export function termsOf(query: string): Term[] {
  return [...query.matchAll(TERM)].map((match) => {
    const [whole, minus, field, phrase, word] = match
    const [at, value] = [match.index, phrase ?? word ?? '']
    return { at, end: at + whole.length, field: field?.toLowerCase() ?? null, value, isNegated: minus !== undefined }
  })
}

/** The words that a query looks for, as they may stand in a take's texts. */
export function wordsOf(query: string): string[] {
  return termsOf(query).flatMap(({ value, isNegated }) => (isNegated || !value ? [] : value.split(/\s+/).filter(Boolean)))
}

/** Whether the query asks for just that. */
export function hasTerm(query: string, term: string): boolean {
  return find(query, term) !== undefined
}

/** The query with that term; without it, where it has it. */
export function toggled(query: string, term: string): string {
  const found = find(query, term)
  if (!found) return `${query.trim()} ${term}`.trim()
  return `${query.slice(0, found.at).trim()} ${query.slice(found.end).trim()}`.trim()
}

function find(query: string, term: string): Term | undefined {
  const [wanted] = termsOf(term)
  return termsOf(query).find(
    (one) => wanted && one.field === wanted.field && !one.isNegated && one.value.toLowerCase() === wanted.value.toLowerCase(),
  )
}

/** `model:wan2.1`, and `model:"wan 2.1"` where it has to be. */
export function termOf(field: string, value: string): string {
  return /^[\w.-]+$/.test(value) ? `${field}:${value}` : `${field}:${quoted(value)}`
}

/** A query has no sign for a quote within quotes, which parts words like all others. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', ' ').replaceAll(/\s+/g, ' ').trim()}"`
}

/** Characters of a prompt that are looked for: a query may have a thousand. */
const MUCH = 800

/** The queries that find takes which have something in common with that one. */
export function likeThis(take: Take): { label: string; query: string }[] {
  const { prompt, seed, inputs } = take.generationParams ?? {}
  const same = typeof prompt === 'string' && prompt.trim() ? `prompt:${quoted(upTo(prompt, MUCH))}` : null
  const number = typeof seed === 'number' || typeof seed === 'bigint' ? `seed:${seed}` : null
  const found = []
  if (same) found.push({ label: 'Same prompt, another seed', query: number ? `${same} -${number}` : same })
  if (number) found.push({ label: 'Same seed, another prompt', query: same ? `${number} -${same}` : number })
  const [input] = namesOf(inputs)
  if (input) found.push({ label: 'Same input', query: termOf('input', input) })
  return found
}

/** Whole words only: half a word stands in no other prompt. */
function upTo(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/\S*$/, '')
}

/** The names of the files in a recipe's inputs, whatever they are kept in. */
function namesOf(inputs: unknown): string[] {
  if (typeof inputs === 'string') return [inputs]
  if (typeof inputs !== 'object' || inputs === null) return []
  if (!Array.isArray(inputs) && 'name' in inputs && typeof inputs.name === 'string') return [inputs.name]
  return Object.values(inputs).flatMap(namesOf)
}
