/** Facets: what takes have in common, as terms of the query that a click adds or takes away. */

import { hasTerm, termOf } from '../film/query.ts'
import type { FacetValue } from '../types.ts'

export interface Chip {
  label: string
  term: string
  count?: number
}

/** What is thought of takes; nobody has counted that. */
export const OPINIONS: readonly Chip[] = [
  { label: 'Picks', term: 'is:pick' },
  { label: '★★★ and more', term: 'rating:>=3' },
  { label: 'Unrated', term: 'rating:0' },
  { label: 'Active', term: 'is:active' },
  { label: 'New', term: 'is:new' },
]

/** Values of a facet that are shown, those of most takes first. */
const MOST = 6

/** Where the language has another word for it. */
const WORDS: Readonly<Record<string, string>> = { generating: 'making' }

/** Those of which there is a choice, or in which one is chosen. */
export function facetsOf(facets: Readonly<Record<string, readonly FacetValue[]>>, query: string): { title: string; chips: Chip[] }[] {
  return Object.entries(facets).flatMap(([name, values]) => {
    const chips = values.slice(0, MOST).map(({ value, count }) => {
      const label = WORDS[value] ?? value
      return { label, term: termOf(name, label), count }
    })
    const isChosen = chips.some(({ term }) => hasTerm(query, term))
    return chips.length > 1 || isChosen ? [{ title: name[0]?.toUpperCase() + name.slice(1), chips }] : []
  })
}
