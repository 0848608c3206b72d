import { expect, test } from 'vitest'
import { RECIPE } from '../../../tests/takes.ts'
import { complaintsOf, paramsOf, formOf, rowOf } from '../form.ts'

test('a recipe that is not edited is asked for as it was', () => {
  const recipe = { ...RECIPE, seed: 2n ** 64n - 1n, sampler: '7', model: { name: 'nested' }, note: ' spaced ', cfg: '6.5' }
  expect(paramsOf(formOf(recipe))).toEqual({ params: recipe, complaints: {} })
})

test('what is typed has the kind of its parameter', () => {
  const form = formOf(RECIPE)
  form.fields.prompt.text = '42'
  form.fields.steps.text = '30'
  form.fields.seed.text = '18446744073709551615'
  form.fields.negativePrompt.text = ' '
  form.rows.push({ ...rowOf('tiled'), text: 'true' }, { ...rowOf('size'), text: '[640, 360]' })
  const { params } = paramsOf(form)
  expect(params).toMatchObject({ prompt: '42', steps: 30, seed: 18446744073709551615n, tiled: true, size: [640, 360] })
  expect(params).not.toHaveProperty('negativePrompt')
})

test('a text where a number must be is told at its field', () => {
  const form = formOf(RECIPE)
  form.fields.seed.text = 'seven'
  form.fields.cfg.text = 'much'
  expect(Object.keys(paramsOf(form).complaints)).toEqual(['seed', 'cfg'])
})

test('a row needs a name of its own', () => {
  const form = formOf({ sampler: 'euler' })
  const twice = rowOf('sampler', 'dpm')
  const nameless = { ...rowOf(), text: '7' }
  const known = rowOf('seed', 7)
  form.rows.push(twice, nameless, known, rowOf())
  const { complaints, params } = paramsOf(form)
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
