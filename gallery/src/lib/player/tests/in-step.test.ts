import { expect, test } from 'vitest'
import { together } from '../in-step.ts'

/** Pictures of one video, the newest first, of so many a second; the last of a take is shown for ever. */
function shown(rate: number, numbers: readonly number[], last = Infinity) {
  return numbers.map((number) => ({ number, from: number / rate, until: number === last ? Infinity : (number + 1) / rate }))
}

const numbers = (found: readonly { number: number }[] | null): number[] | null => found && found.map(({ number }) => number)

test('the newest pictures of one moment belong together, though one of them has come further', () => {
  expect(numbers(together([shown(24, [7, 6, 5]), shown(24, [5, 4]), shown(24, [6, 5])]))).toEqual([5, 5, 5])
})

test('where none belong together there is nothing to show', () => {
  expect(together([shown(24, [9, 8]), shown(24, [5, 4])])).toBeNull()
  expect(together([shown(24, [9]), []])).toBeNull()
})

test('of other rates those belong together that are shown at the same time', () => {
  expect(numbers(together([shown(24, [24]), shown(30, [31, 30, 29])]))).toEqual([24, 31])
  expect(numbers(together([shown(24, [24]), shown(30, [32, 30])]))).toEqual([24, 30])
})

test('the last picture of a shorter one stays beside all that come later', () => {
  expect(numbers(together([shown(24, [90]), shown(24, [47], 47)]))).toEqual([90, 47])
})
