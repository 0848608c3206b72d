import { expect, test } from 'vitest'
import { aTake } from '../../../tests/samples.ts'
import { sifted, type Filter, type Order } from '../sieve.ts'

const TAKES = [
  aTake(1, { rating: 2, duration: 9, generationParams: { seed: 30 } }),
  aTake(2, { rating: 5, mark: 'reject', duration: null, generationParams: null }),
  aTake(3, { mark: 'pick', generationParams: { seed: 2n ** 64n - 1n } }),
  aTake(4, { status: 'failed', duration: null, generationParams: { seed: 7 } }),
  aTake(5, { rating: 3, mark: 'pick', duration: 1, generationParams: { seed: 7 } }),
]

function numbers(filters: Filter[], order: Order): number[] {
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

test.each<[Filter[], number[]]>([
  [['picks'], [5, 3]],
  [['good'], [5, 2]],
  [['unrated'], [4, 3]],
  [['failed'], [4]],
  [['picks', 'good'], [5]],
  [['picks', 'failed'], []],
])('%s keeps the takes of which all of it holds', (filters, wanted) => {
  expect(numbers(filters, 'newest')).toEqual(wanted)
})

test('the takes that are there stay in their order', () => {
  numbers([], 'rating')
  expect(TAKES.map((take) => take.number)).toEqual([1, 2, 3, 4, 5])
})
