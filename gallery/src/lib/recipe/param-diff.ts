/** Where two recipes differ, parameter by parameter. */

import { printJson } from '../json.ts'
import { shownKeysOf } from './params.ts'
import type { Params } from '../types.ts'

/** One parameter in two recipes; a side is undefined where it is not there. */
export interface Difference {
  key: string
  left: unknown
  right: unknown
  differs: boolean
}

/** Two recipes, parameter by parameter. */
export function compareParams(left: Params | null, right: Params | null): Difference[] {
  return shownKeysOf(left, right).map((key) => {
    const [ours, theirs] = [left?.[key], right?.[key]]
    return { key, left: ours, right: theirs, differs: !isSame(ours, theirs) }
  })
}

/** Whether two values say the same; the order of keys says nothing. */
export function isSame(left: unknown, right: unknown): boolean {
  return printJson(ordered(left) ?? null) === printJson(ordered(right) ?? null) && (left === undefined) === (right === undefined)
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, ordered(part)]))
}
