import { expect, test } from 'vitest'
import { complaintsOf, paramsOf, requestOf, rowOf } from '../request.ts'
import { RECIPE } from '../../../tests/takes.ts'

test('a recipe that is not edited is asked for as it was', () => {
  const recipe = { ...RECIPE, seed: 2n ** 64n - 1n, sampler: '7', model: { name: 'nested' }, note: ' spaced ', cfg: '6.5' }
  expect(paramsOf(requestOf(recipe))).toEqual({ params: recipe, complaints: {} })
})

test('what is typed has the kind of its parameter', () => {
  const request = requestOf(RECIPE)
  request.fields.prompt.text = '42'
  request.fields.steps.text = '30'
  request.fields.seed.text = '18446744073709551615'
  request.fields.negativePrompt.text = ' '
  request.rows.push({ ...rowOf('tiled'), text: 'true' }, { ...rowOf('size'), text: '[640, 360]' })
  const { params } = paramsOf(request)
  expect(params).toMatchObject({ prompt: '42', steps: 30, seed: 18446744073709551615n, tiled: true, size: [640, 360] })
  expect(params).not.toHaveProperty('negativePrompt')
})

test('a text where a number must be is told at its field', () => {
  const request = requestOf(RECIPE)
  request.fields.seed.text = 'seven'
  request.fields.cfg.text = 'much'
  expect(Object.keys(paramsOf(request).complaints)).toEqual(['seed', 'cfg'])
})

test('a row needs a name of its own', () => {
  const request = requestOf({ sampler: 'euler' })
  const twice = rowOf('sampler', 'dpm')
  const nameless = { ...rowOf(), text: '7' }
  const known = rowOf('seed', 7)
  request.rows.push(twice, nameless, known, rowOf())
  const { complaints, params } = paramsOf(request)
  expect(Object.keys(complaints)).toEqual([twice, nameless, known].map(({ id }) => `row ${id} key`))
  expect(params).toEqual({ sampler: 'euler' })
})

test("the server's complaints go to their fields, and the rest to the whole", () => {
  const rows = [rowOf('loras', []), rowOf('loras.fog', 1)]
  const errors = [
    { field: 'generationParams.seed', message: 'too large' },
    { field: 'generationParams.loras.fog', message: 'not known' },
    { field: 'generationParams.loras[0].weight', message: 'too much' },
    { field: 'quality', message: 'not one of them' },
    { field: 'generationParams.frames', message: 'is missing' },
  ]
  expect(complaintsOf(errors, rows)).toEqual({
    seed: 'too large',
    [`row ${rows[1]?.id}`]: 'not known',
    [`row ${rows[0]?.id}`]: 'too much',
    quality: 'not one of them',
    '': 'generationParams.frames: is missing',
  })
})
