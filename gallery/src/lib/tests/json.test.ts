import { expect, test } from 'vitest'
import { parseJson, printJson } from '../json.ts'

test('a whole number that a number would round is kept as it is', () => {
  const text = '{"seed":18446744073709551615,"list":[-9007199254740993]}'
  expect(parseJson(text)).toEqual({ seed: 18446744073709551615n, list: [-9007199254740993n] })
  expect(printJson(parseJson(text))).toBe(text)
})

test('digits within a string and long fractions stay what they are', () => {
  const value = { sha: '12345678901234567890', quoted: 'a "12345678901234567890" b\\', part: 0.1234567890123456789 }
  expect(parseJson(JSON.stringify(value))).toEqual(value)
})

test('numbers that are kept exactly stay numbers', () => {
  expect(parseJson('[9007199254740991, 1e21, 1234567890123456]')).toEqual([9007199254740991, 1e21, 1234567890123456])
})

test('what is no JSON is refused', () => {
  expect(() => parseJson('{12345678901234567890')).toThrow(SyntaxError)
})
