/** What sets takes apart: what is usual among the takes of a shot, and what of each is not so. */

import type { Part } from '../film/parts.ts'
import { printJson } from '../json.ts'
import type { Params, Take } from '../types.ts'
import { isTold, keysOf, paramName, readable } from './params.ts'
import { compareWords, type Piece } from './word-diff.ts'

/** What most takes were made with. */
export interface Usual {
  prompt: string | null
  /** By parameter, its value as JSON; of one that most takes do not have there is none. */
  values: ReadonlyMap<string, string>
}

/** Of more than so much of a prompt that is another one, no words are picked out. */
const MOSTLY = 0.6
const SEPARATOR: Part = { text: ' · ', isMarked: false }

export function usualOf(takes: readonly Take[]): Usual {
  const recipes = takes.map((take) => take.generationParams).filter((recipe) => recipe !== null)
  const values = new Map<string, string>()
  for (const key of keysOf(...recipes).filter((key) => !isTold(key))) {
    const value = mostOften(recipes.map((recipe) => printed(recipe, key)))
    if (value) values.set(key, value)
  }
  const prompt: unknown = values.has('prompt') ? JSON.parse(values.get('prompt') ?? '') : null
  return { prompt: typeof prompt === 'string' && prompt.trim() ? prompt : null, values }
}

/** Its seed, and in a few words whatever of it is not usual; null where nothing is known of how it was made. */
export function apartOf(take: Take, usual: Usual): Part[] | null {
  const recipe = take.generationParams
  if (!recipe || Object.keys(recipe).length === 0) return null
  const { prompt, seed } = recipe
  const told = seed == null ? [] : [[{ text: `seed ${readable(seed)}`, isMarked: false }]]
  if (typeof prompt === 'string' && prompt !== usual.prompt) told.push(wordsApart(usual.prompt ?? '', prompt))
  for (const key of keysOf(recipe)) {
    if (key === 'prompt' || key === 'seed' || isTold(key) || printed(recipe, key) === usual.values.get(key)) continue
    told.push([{ text: `${paramName(key)} `, isMarked: false }, { text: valueWord(recipe[key]), isMarked: true }])
  }
  const missing = [...usual.values.keys()].filter((key) => key !== 'seed' && recipe[key] == null)
  told.push(...missing.map((key) => [{ text: 'no ', isMarked: false }, { text: paramName(key), isMarked: true }]))
  return told.length ? told.flatMap((parts, index) => (index ? [SEPARATOR, ...parts] : parts)) : null
}

/** The words of a prompt that the usual one has not; where there are none, those that are missing. */
function wordsApart(usual: string, prompt: string): Part[] {
  const { left, right } = compareWords(usual, prompt)
  const other = right.filter(({ differs }) => differs)
  if (lengthOf(other) > MOSTLY * prompt.length) return [{ text: prompt.trim().replaceAll(/\s+/g, ' '), isMarked: false }]
  if (other.length) return listed(other)
  return [{ text: 'without ', isMarked: false }, ...listed(left.filter(({ differs }) => differs))]
}

/** What stands between words, and says nothing without those around it. */
const ENDS = /^[\s,.;:]+|[\s,.;:]+$/g

function listed(pieces: readonly Piece[]): Part[] {
  const marked = pieces.map(({ text }) => ({ text: text.replaceAll(ENDS, ''), isMarked: true })).filter(({ text }) => text)
  return marked.flatMap((part, index) => (index ? [{ text: ' … ', isMarked: false }, part] : [part]))
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + text.length, 0)
}

/** LoRAs and the like by their names and weights, all else as it is read. */
function valueWord(value: unknown): string {
  if (!Array.isArray(value)) return readable(value)
  return value.map((one) => (isNamed(one) ? [one.name, one['weight']].filter((part) => part != null).join(' ') : readable(one))).join(', ')
}

function isNamed(value: unknown): value is { name: string; [more: string]: unknown } {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
}

const kept = new WeakMap<Params, Map<string, string>>()

/** A parameter as JSON, made once for each recipe. */
function printed(recipe: Params, key: string): string | undefined {
  let known = kept.get(recipe)
  if (!known) kept.set(recipe, (known = new Map(Object.entries(recipe).map(([name, value]) => [name, printJson(value)]))))
  return known.get(key)
}

/** The value that most have, where that is more than half; of what hardly any two share, nothing is usual. */
function mostOften(values: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string | undefined, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const [value, count = 0] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [undefined, 0])
  return count * 2 > values.length || values.length < 3 ? value : undefined
}
