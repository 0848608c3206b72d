/** Fresh lists in which what has not changed stays the same object. */

import { printJson } from '../json.ts'

/** The fresh list, but with the old object wherever nothing about it has changed, so that only news is drawn. */
export function keepUnchanged<Item extends { id: string }>(old: readonly Item[], fresh: readonly Item[]): Item[] {
  const known = new Map(old.map((item) => [item.id, item]))
  return fresh.map((item) => {
    const before = known.get(item.id)
    return before && printJson(before) === printJson(item) ? before : item
  })
}
