/** The sieve: which takes of a shot are shown, and in which order. */

import type { Take } from '../types.ts'

interface Mesh {
  label: string
  keeps: (take: Take) => boolean
}

/** What the takes can be narrowed to; of several, all have to hold. */
export const FILTERS = {
  picks: { label: 'Picks', keeps: (take) => take.mark === 'pick' },
  good: { label: '★★★ and more', keeps: (take) => take.rating >= 3 },
  unrated: { label: 'Unrated', keeps: (take) => take.rating === 0 },
  failed: { label: 'Failed', keeps: (take) => take.status === 'failed' },
} as const satisfies Record<string, Mesh>

export type Filter = keyof typeof FILTERS

export const FILTER_NAMES = Object.keys(FILTERS) as Filter[]

/** In which order takes can be shown; of those that are equal the newest is first. */
export const ORDERS = {
  newest: 'Newest first',
  oldest: 'By number',
  rating: 'Best first',
  seed: 'By seed',
  duration: 'Longest first',
} as const

export type Order = keyof typeof ORDERS

export const ORDER_NAMES = Object.keys(ORDERS) as Order[]

/** Those of the takes that the filters keep, in that order; they come by number. */
export function sifted(takes: readonly Take[], filters: readonly Filter[], order: Order): readonly Take[] {
  const kept = filters.length ? takes.filter((take) => filters.every((one) => FILTERS[one].keeps(take))) : takes
  if (order === 'oldest') return kept
  const newest = kept.toReversed()
  switch (order) {
    case 'newest':
      return newest
    case 'rating':
      return newest.sort((a, b) => standing(b) - standing(a))
    case 'duration':
      return newest.sort((a, b) => (b.duration ?? -1) - (a.duration ?? -1))
    case 'seed':
      return newest.sort((a, b) => compared(seedOf(a), seedOf(b)))
  }
}

/** Picks before all others, what is rejected behind them. */
function standing({ mark, rating }: Take): number {
  return rating + { pick: 10, none: 0, reject: -10 }[mark]
}

function seedOf(take: Take): number | bigint | null {
  const seed = take.generationParams?.['seed']
  return typeof seed === 'number' || typeof seed === 'bigint' ? seed : null
}

/** What has none comes last. */
function compared(one: number | bigint | null, other: number | bigint | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  return one < other ? -1 : Number(one > other)
}
