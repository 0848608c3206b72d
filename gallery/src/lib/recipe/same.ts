/** Whether two values of recipes are the same. */

import { printJson } from '../json.ts'

/** Whether two values say the same; the order of keys says nothing, and what is not there is not null. */
export function isSame(left: unknown, right: unknown): boolean {
  return printJson(ordered(left) ?? null) === printJson(ordered(right) ?? null) && (left === undefined) === (right === undefined)
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, ordered(part)]))
}
