/** The differences: what takes were made with and what became of it, row by row. */

import { mediaFacts, resourceFacts } from '../recipe/facts.ts'
import { paramName, readable, shownKeysOf } from '../recipe/params.ts'
import { isSame } from '../recipe/same.ts'
import { compareWords, type Piece } from '../recipe/word-diff.ts'
import type { Take } from '../types.ts'

export interface Row {
  name: string
  differs: boolean
  /** One for each take; a cell without a piece is of one that has no such value. */
  cells: Piece[][]
}

/** Every parameter of the takes; texts are marked word by word, anything else differs as a whole. */
export function compareRecipes(takes: readonly Take[]): Row[] {
  const recipes = takes.map((take) => take.generationParams)
  return shownKeysOf(...recipes).map((key) => rowOf(paramName(key), recipes.map((recipe) => recipe?.[key]), wordByWord))
}

/** What is known of their files and of their making. */
export function compareFacts(takes: readonly Take[]): Row[] {
  const facts = takes.map(factsOf)
  const names = new Set(facts.flatMap((one) => [...one.keys()]))
  return [...names].map((name) => rowOf(name, facts.map((one) => one.get(name)), asWhole))
}

type Pair = { left: Piece[]; right: Piece[] }

/** All held against the first one. Of two, both are marked; of more the others, by what is not as in the first. */
function rowOf(name: string, [first, ...others]: readonly unknown[], compare: (left: unknown, right: unknown) => Pair): Row {
  const pairs = others.map((other) => (isSame(first, other) ? { left: whole(first), right: whole(other) } : compare(first, other)))
  const own = pairs.length === 1 && pairs[0] ? pairs[0].left : whole(first)
  return { name, differs: others.some((other) => !isSame(first, other)), cells: [own, ...pairs.map(({ right }) => right)] }
}

function wordByWord(left: unknown, right: unknown): Pair {
  return typeof left === 'string' && typeof right === 'string' ? compareWords(left, right) : asWhole(left, right)
}

function asWhole(left: unknown, right: unknown): Pair {
  return { left: whole(left, true), right: whole(right, true) }
}

function whole(value: unknown, differs = false): Piece[] {
  return value === undefined ? [] : [{ text: readable(value), differs }]
}

function factsOf(take: Take): Map<string, string> {
  return new Map([...mediaFacts(take), ...resourceFacts(take)].map(({ name, text }) => [name, text]))
}
