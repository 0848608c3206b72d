/** The differences: what two takes were made with and what became of it, row by row. */

import { mediaFacts, resourceFacts } from '../recipe/facts.ts'
import { paramName, readable } from '../recipe/params.ts'
import type { Take } from '../types.ts'
import { compareParams } from '../recipe/param-diff.ts'
import { compareWords } from '../recipe/word-diff.ts'
import type { Piece } from '../recipe/word-diff.ts'

export interface Row {
  name: string
  differs: boolean
  left: Piece[]
  right: Piece[]
}

/** Every parameter of the two; texts are marked word by word, anything else differs as a whole. */
export function compareRecipes(left: Take, right: Take): Row[] {
  return compareParams(left.generationParams, right.generationParams).map((found) => {
    const { key, differs, left: ours, right: theirs } = found
    const areTexts = typeof ours === 'string' && typeof theirs === 'string'
    if (differs && areTexts) return { name: paramName(key), differs, ...compareWords(ours, theirs) }
    return { name: paramName(key), differs, left: whole(ours, differs), right: whole(theirs, differs) }
  })
}

/** What is known of their files and of their making. */
export function compareFacts(left: Take, right: Take): Row[] {
  const [ours, theirs] = [factsOf(left), factsOf(right)]
  return [...new Set([...ours.keys(), ...theirs.keys()])].map((name) => {
    const differs = ours.get(name) !== theirs.get(name)
    return { name, differs, left: whole(ours.get(name), differs), right: whole(theirs.get(name), differs) }
  })
}

function whole(value: unknown, differs: boolean): Piece[] {
  return value === undefined ? [] : [{ text: readable(value), differs }]
}

function factsOf(take: Take): Map<string, string> {
  return new Map([...mediaFacts(take), ...resourceFacts(take)].map(({ name, text }) => [name, text]))
}
