import { expect, test } from 'vitest'
import { compareParams } from '../param-diff.ts'

test('two recipes differ where a value differs or is there once', () => {
  const left = { seed: 1, cfg: 6, loras: [{ name: 'fog', weight: 1 }], sampler: 'euler' }
  const right = { seed: 2, cfg: 6, loras: [{ weight: 1, name: 'fog' }], steps: 20 }
  const differing = compareParams(left, right).filter(({ differs }) => differs)
  expect(differing.map(({ key }) => key)).toEqual(['seed', 'steps', 'sampler'])
})

test('a parameter that is null differs from one that is not there', () => {
  expect(compareParams({ a: null }, {})[0]?.differs).toBe(true)
  expect(compareParams(null, null)).toEqual([])
})

test('the number 7 and the text 7 are not the same', () => {
  expect(compareParams({ a: 7 }, { a: '7' })[0]?.differs).toBe(true)
})
