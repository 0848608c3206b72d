import { expect, test } from 'vitest'
import { RECIPE, take } from '../../../tests/takes.ts'
import type { Params } from '../../types.ts'
import { apartOf, usualOf } from '../apart.ts'

function said(of: Params, ...others: Params[]): string | undefined {
  const takes = [of, ...others].map((generationParams, index) => take(index + 1, { generationParams }))
  const parts = apartOf(takes[0]!, usualOf(takes))
  return parts?.map(({ text, isMarked }) => (isMarked ? `[${text}]` : text)).join('')
}

test('of takes that are alike only the seed is told', () => {
  expect(said(RECIPE, { ...RECIPE, seed: 7 }, { ...RECIPE, seed: 8 })).toBe('seed 42')
})

test('of a prompt that most have not, the other words are told', () => {
  const other = { ...RECIPE, prompt: 'gulls over the pier, soft rain at night' }
  expect(said(other, RECIPE, RECIPE)).toBe('seed 42 · [rain at night]')
  expect(said({ ...RECIPE, prompt: 'gulls over the pier' }, RECIPE, RECIPE)).toBe('seed 42 · without [soft fog]')
})

test('of another prompt altogether all of it is told', () => {
  expect(said({ prompt: 'a coin on the counter' }, RECIPE, RECIPE)).toContain('a coin on the counter')
})

test('settings and LoRAs that are others are told, and those that are missing', () => {
  const other = { ...RECIPE, cfg: 3, loras: [{ name: 'night', weight: 0.8 }] }
  expect(said(other, RECIPE, RECIPE)).toBe('seed 42 · CFG [3] · loras [night 0.8]')
  const { loras, ...without } = RECIPE
  expect(loras).toBeDefined()
  expect(said(without, RECIPE, RECIPE)).toBe('seed 42 · no [loras]')
})

test('what tells of one file alone sets nothing apart', () => {
  expect(said({ ...RECIPE, nodes: { seed: '7' } }, RECIPE, RECIPE)).toBe('seed 42')
})

test('the prompt that most of them have is the usual one; of many prompts none is', () => {
  const prompts = (...all: string[]) => all.map((prompt, index) => take(index + 1, { generationParams: { prompt } }))
  expect(usualOf(prompts('fog', 'gulls', 'gulls')).prompt).toBe('gulls')
  expect(usualOf(prompts('fog', 'gulls', 'rain')).prompt).toBeNull()
  expect(usualOf([]).prompt).toBeNull()
})

test('without a recipe there is nothing to tell', () => {
  expect(said({})).toBeUndefined()
})
