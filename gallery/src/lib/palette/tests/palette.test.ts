import { screen, within } from '@testing-library/svelte'
import { beforeEach, expect, test } from 'vitest'
import { openGrid } from '../../../tests/page.ts'
import { aTake, GULLS } from '../../../tests/samples.ts'
import { World } from '../../../tests/world.ts'

let world: World

beforeEach(() => {
  world = new World()
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { active: true }), aTake(2), aTake(21)])
  world.add('01_Harbour/01_Dawn/002_Boat', [aTake(1)])
})

async function openPalette() {
  const opened = await openGrid('take_001')
  await opened.user.keyboard('{Control>}k{/Control}')
  const palette = within(await screen.findByRole('dialog', { name: 'Go to' }))
  await expect.poll(() => palette.getByRole('combobox')).toHaveFocus()
  const labels = () => palette.getAllByRole('option').map((one) => one.querySelector('.label')?.textContent)
  return { ...opened, palette, labels }
}

test('without a word it lists what can be done, with the keys that do the same', async () => {
  const { palette, labels } = await openPalette()
  expect(labels()).toContain('New take')
  expect(labels()).not.toContain('Compare the selected takes')
  expect(palette.getByRole('option', { name: 'Undo Ctrl Z' })).toBeInTheDocument()
})

test('a shot is gone to by a part of its name', async () => {
  const { user, labels } = await openPalette()
  await user.keyboard('boat')
  expect(labels()).toEqual(['01 Harbour › 01 Dawn › 002 Boat', 'Find “boat”'])
  await user.keyboard('{Enter}')
  await expect.poll(() => location.hash).toMatch(/^#\/p\/myfilm\/01_Harbour:01_Dawn:002_Boat/)
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('a take is gone to by its number, with the arrow keys to another', async () => {
  const { user, labels } = await openPalette()
  await user.keyboard('2')
  expect(labels().slice(0, 2)).toEqual(['Take 21', 'Take 2'])
  await user.keyboard('{ArrowDown}{Enter}')
  await expect.poll(() => location.hash).toBe(`#/p/myfilm/${GULLS}?take=take_002`)
})

test('what is typed can be looked for among all takes', async () => {
  const { user } = await openPalette()
  await user.keyboard('number 2{ArrowUp}{PageDown}{Enter}')
  await expect.poll(() => location.hash).toMatch(/find=number%202/)
})

test('a command opens what it is about', async () => {
  const { user } = await openPalette()
  await user.keyboard('storage{Enter}')
  expect(await screen.findByRole('dialog', { name: /Storage/ })).toBeInTheDocument()
})

test('a saved search, what is new, and what the take is a pattern for, are a word away', async () => {
  world.searches = [{ name: 'of the pier', query: 'scene:pier', by: 'anna', at: '2024-03-06T10:00:00Z' }]
  const { user, labels } = await openPalette()
  expect(labels()).toEqual(expect.arrayContaining(['New since you looked', 'Make it again', 'Same seed, another prompt', 'History of the shot']))
  await user.keyboard('the pier{Enter}')
  await expect.poll(() => location.hash).toMatch(/find=scene:pier/)
})

test('the film folds away, and comes back', async () => {
  const { user } = await openGrid('take_001')
  const film = (await screen.findByRole('tree')).closest('.left')
  await user.keyboard('{Control>}b{/Control}')
  await expect.poll(() => film).toHaveProperty('inert', true)
  await user.keyboard('{Control>}b{/Control}')
  await expect.poll(() => film).toHaveProperty('inert', false)
})
