import { expect, test } from 'vitest'
import { take } from '../../../tests/takes.ts'
import { hasTerm, likeThis, termOf, termsOf, toggled, wordsOf } from '../query.ts'

test('a query is read as terms, each with its place', () => {
  expect(termsOf('gulls -"over the pier" model:"wan 2" rating:>3')).toEqual([
    { at: 0, end: 5, field: null, value: 'gulls', isNegated: false },
    { at: 6, end: 22, field: null, value: 'over the pier', isNegated: true },
    { at: 23, end: 36, field: 'model', value: 'wan 2', isNegated: false },
    { at: 37, end: 46, field: 'rating', value: '>3', isNegated: false },
  ])
})

test('the words that can be seen in a take are those that have to be there', () => {
  expect(wordsOf('gulls -fog "over the" model:wan')).toEqual(['gulls', 'over', 'the', 'wan'])
})

test('a term is added, and taken out again, however it is written', () => {
  expect(toggled('gulls', 'is:pick')).toBe('gulls is:pick')
  expect(toggled('gulls Model:"WAN" fog', 'model:wan')).toBe('gulls fog')
  expect(toggled('is:pick', 'is:pick')).toBe('')
  expect(hasTerm('-is:pick', 'is:pick')).toBe(false)
})

test('a value is in quotes where it has to be, and has none itself', () => {
  expect(termOf('model', 'wan2.1-a_b')).toBe('model:wan2.1-a_b')
  expect(termOf('model', 'the "best" one')).toBe('model:"the best one"')
})

test('what is like a take is asked for by its prompt, its seed and its inputs', () => {
  const generationParams = { prompt: 'gulls', seed: 9007199254740993n, inputs: [{ as: 'image', name: 'pier.png' }] }
  expect(likeThis(take(1, { generationParams })).map(({ query }) => query)).toEqual([
    'prompt:"gulls" -seed:9007199254740993',
    'seed:9007199254740993 -prompt:"gulls"',
    'input:pier.png',
  ])
  expect(likeThis(take(1, { generationParams: null }))).toEqual([])
})

test('of a long prompt whole words are looked for, and no more than a query may have', () => {
  const prompt = 'gull '.repeat(400)
  const [same] = likeThis(take(1, { generationParams: { prompt } }))
  expect(same!.query.length).toBeLessThan(1000)
  expect(same!.query).toMatch(/gull gull"$/)
})
