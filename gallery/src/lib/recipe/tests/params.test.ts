import { expect, test } from 'vitest'
import { keysOf, kindOf, parseValue, printValue } from '../params.ts'

test('a value comes back from its text as the kind that it was', () => {
  const values = [7, 0.5, true, false, null, 'euler', '7', 'true', '{a|b}', ' spaced ', '"quoted"', [1, 'a'], { a: { b: 1 } }, 2n ** 64n]
  for (const value of values) expect(parseValue(printValue(value))).toEqual(value)
})

test('a value says what kind it is', () => {
  expect(['euler', 7, 2n ** 64n, true, [1], { a: 1 }, null].map(kindOf)).toEqual(
    ['text', 'number', 'number', 'yes/no', 'list', 'JSON', 'nothing'],
  )
})

test('parameters are told in the order in which people think of them', () => {
  expect(keysOf({ sampler: 'a', seed: 1 }, { prompt: 'p', scheduler: 'b', seed: 2 })).toEqual(
    ['prompt', 'seed', 'sampler', 'scheduler'],
  )
})
