/** The sieve: which takes of a shot are shown, and in which order. */

import type { Take } from '../types.ts'

/** What the takes can be narrowed to. */
export interface Filter {
  label: string
  keeps: (take: Take) => boolean
  /** Of those with one name one has to hold, of those without it each. */
  choice?: string
}

const OPINIONS: readonly Filter[] = [
  { label: 'Picks', keeps: (take) => take.mark === 'pick' },
  { label: '★★★ and more', keeps: (take) => take.rating >= 3 },
  { label: 'Unrated', keeps: (take) => take.rating === 0 },
  { label: 'Failed', keeps: (take) => take.status === 'failed' },
]

const KINDS = { video: 'Videos', image: 'Images', audio: 'Sounds' } as const

/** Models that can be chosen; of more, the search knows. */
const MOST = 6

/** Takes with higher numbers than `seen` are new. */
export function filtersFor(takes: readonly Take[], seen: number | null): Filter[] {
  const isNew: Filter = { label: 'New', keeps: (take) => seen !== null && take.number > seen }
  return [
    ...(takes.some(isNew.keeps) ? [isNew] : []),
    ...OPINIONS,
    ...choices('kind', takes, (take) => take.media && KINDS[take.media.kind]),
    ...choices('model', takes, (take) => take.generationParams?.['model']).slice(0, MOST),
  ]
}

/** What some of the takes have, where not all have the same. */
function choices(choice: string, takes: readonly Take[], of: (take: Take) => unknown): Filter[] {
  const values = [...new Set(takes.map(of))].filter((value) => typeof value === 'string')
  if (values.length < 2) return []
  return values.sort().map((label) => ({ label, choice, keeps: (take) => of(take) === label }))
}

function keeps(take: Take, filters: readonly Filter[]): boolean {
  return filters.every((one) => one.keeps(take) || filters.some((other) => other.choice && other.choice === one.choice && other.keeps(take)))
}

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

/** What the daemon calls that order, of takes that it has found. */
export function foundOrder(order: Order): 'newest' | 'number' | 'rating' | 'seed' | 'duration' {
  return order === 'oldest' ? 'number' : order
}

/** Those of the takes that the filters keep, in that order; they come by number. */
export function sifted(takes: readonly Take[], filters: readonly Filter[], order: Order): readonly Take[] {
  const kept = filters.length ? takes.filter((take) => keeps(take, filters)) : takes
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
