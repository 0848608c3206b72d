import { expect, test } from 'vitest'
import { aTake } from '../../../tests/samples.ts'
import { filtersFor, sifted, type Order } from '../sieve.ts'

const { media } = aTake(3)
const still = media && { ...media, kind: 'image' as const }

const TAKES = [
  aTake(1, { rating: 2, duration: 9, generationParams: { seed: 30, model: 'wan2.2' } }),
  aTake(2, { rating: 5, mark: 'reject', duration: null, generationParams: null }),
  aTake(3, { media: still, mark: 'pick', generationParams: { seed: 2n ** 64n - 1n, model: 'ltx' } }),
  aTake(4, { status: 'failed', duration: null, generationParams: { seed: 7 } }),
  aTake(5, { rating: 3, mark: 'pick', duration: 1, generationParams: { seed: 7, model: 'wan2.2' } }),
]

function numbers(labels: string[], order: Order, seen: number | null = null): number[] {
  const filters = filtersFor(TAKES, seen).filter(({ label }) => labels.includes(label))
  expect(filters).toHaveLength(labels.length)
  return sifted(TAKES, filters, order).map((take) => take.number)
}

test.each<[Order, number[]]>([
  ['newest', [5, 4, 3, 2, 1]],
  ['oldest', [1, 2, 3, 4, 5]],
  ['rating', [5, 3, 1, 4, 2]],
  ['seed', [5, 4, 1, 3, 2]],
  ['duration', [1, 3, 5, 4, 2]],
])('in the order %s equal takes are the newest first, and what has nothing to say comes last', (order, wanted) => {
  expect(numbers([], order)).toEqual(wanted)
})

test.each<[string[], number[]]>([
  [['Picks'], [5, 3]],
  [['★★★ and more'], [5, 2]],
  [['Unrated'], [4, 3]],
  [['Failed'], [4]],
  [['Picks', '★★★ and more'], [5]],
  [['Picks', 'Failed'], []],
  [['Images'], [3]],
  [['wan2.2'], [5, 1]],
  [['ltx', 'wan2.2'], [5, 3, 1]],
  [['ltx', 'wan2.2', 'Unrated'], [3]],
])('%s keeps the takes of which all of it holds', (filters, wanted) => {
  expect(numbers(filters, 'newest')).toEqual(wanted)
})

test('new is what has a higher number than what was seen', () => {
  expect(numbers(['New'], 'newest', 3)).toEqual([5, 4])
  expect(filtersFor(TAKES, 5).some(({ label }) => label === 'New')).toBe(false)
  expect(filtersFor(TAKES, null).some(({ label }) => label === 'New')).toBe(false)
})

test('of what all takes have there is no choice', () => {
  expect(filtersFor([aTake(1), aTake(2)], null).map(({ choice }) => choice).filter(Boolean)).toEqual([])
})

test('the takes that are there stay in their order', () => {
  numbers([], 'rating')
  expect(TAKES.map((take) => take.number)).toEqual([1, 2, 3, 4, 5])
})
