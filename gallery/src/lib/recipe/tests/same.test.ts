import { expect, test } from 'vitest'
import { isSame } from '../same.ts'

test('the order of keys says nothing, that of a list does', () => {
  expect(isSame([{ name: 'fog', weight: 1 }], [{ weight: 1, name: 'fog' }])).toBe(true)
  expect(isSame([1, 2], [2, 1])).toBe(false)
})

test('a parameter that is null differs from one that is not there', () => {
  expect(isSame(null, undefined)).toBe(false)
  expect(isSame(undefined, undefined)).toBe(true)
})

test('the number 7 and the text 7 are not the same', () => {
  expect(isSame(7, '7')).toBe(false)
})
