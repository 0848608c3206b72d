import { expect, test } from 'vitest'
import { roll } from '../../film/roll.ts'
import { firstChoice, parseSeed, printSeed } from '../seed.ts'

test('a rolled seed is a whole number that every generator takes', () => {
  const rolled = Array.from({ length: 100 }, roll)
  expect(rolled.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true)
  expect(new Set(rolled).size).toBeGreaterThan(90)
})

test('a typed seed is a number, and beyond what a number can hold it is kept whole', () => {
  expect(parseSeed(' 42 ')).toBe(42)
  expect(parseSeed('9007199254740991')).toBe(9007199254740991)
  expect(parseSeed('18446744073709551615')).toBe(18446744073709551615n)
})

test('nothing typed is no seed, and words are none either', () => {
  expect(parseSeed('  ')).toBeUndefined()
  expect(parseSeed('4.5')).toBeNull()
  expect(parseSeed('-1')).toBeNull()
  expect(parseSeed('seven')).toBeNull()
})

test('random comes first where there is a seed to do again', () => {
  expect(firstChoice(0)).toBe('random')
  expect(firstChoice(undefined)).toBe('own')
  expect(printSeed(18446744073709551615n)).toBe('18446744073709551615')
})
