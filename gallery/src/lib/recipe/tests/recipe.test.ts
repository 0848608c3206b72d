import { render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { RECIPE, take } from '../../../tests/takes.ts'
import Recipe from '../Recipe.svelte'

const PATH = '/films/crossing/001/takes/take_001/shot_001_take_001.mp4'

test('every parameter can be read, and nested ones are folded', () => {
  render(Recipe, { take: take(1), path: PATH })
  expect(screen.getByText('gulls over the pier, soft fog')).toBeInTheDocument()
  expect(screen.getByText('6.5')).toBeInTheDocument()
  expect(screen.getByText('List of 1').closest('details')).not.toHaveAttribute('open')
})

test('one parameter, and all of them, can be copied', async () => {
  const user = userEvent.setup()
  render(Recipe, { take: take(1, { generationParams: { ...RECIPE, seed: 2n ** 64n } }), path: PATH })
  await user.click(screen.getByRole('button', { name: 'Copy Seed' }))
  expect(await navigator.clipboard.readText()).toBe('18446744073709551616')
  expect(screen.getByRole('status')).toHaveTextContent('Seed copied.')
  await user.click(screen.getByRole('button', { name: 'Copy as JSON' }))
  expect(await navigator.clipboard.readText()).toContain('"seed": 18446744073709551616')
})

test('a hash is shown short and copied whole', async () => {
  const user = userEvent.setup()
  render(Recipe, { take: take(1), path: PATH })
  expect(screen.getByText('abababababab…')).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Copy SHA-256' }))
  expect(await navigator.clipboard.readText()).toBe('ab'.repeat(32))
})

test('what the file is, what its making took and where it lies is told', () => {
  render(Recipe, { take: take(1), path: PATH })
  for (const fact of ['1.2 MB', '3.0 s', '1280 × 720', '24 fps', 'H.264', '12.5 s', '8 GB', 'high', PATH]) {
    expect(screen.getByText(fact)).toBeInTheDocument()
  }
  expect(screen.getByRole('link', { name: 'Download' })).toHaveAttribute('download', 'shot_001_take_001.mp4')
})

test('of an image sequence the frames are told, and those that are missing', () => {
  const gaps = [
    { first: 1013, last: 1015 },
    { first: 1020, last: 1020 },
  ]
  const frames = { pattern: 'shot_001_take_001.%04d.exr', poster: 'shot_001_take_001.1025.exr', first: 1001, last: 1048, count: 44, bytes: 2_000_000, missing: 4, gaps, rate: 24 }
  render(Recipe, { take: take(1, {}, { kind: 'image', name: 'shot_001_take_001.frames', frames }), path: PATH })
  for (const fact of ['shot_001_take_001.%04d.exr', '1001–1048, 44 of them', '4: 1013–1015, 1020', '2.0 MB']) {
    expect(screen.getByText(fact)).toBeInTheDocument()
  }
  expect(screen.getByRole('link', { name: 'Download' })).toHaveAttribute('download', 'shot_001_take_001.1025.exr')
})

test('a failed take says why, and one without a recipe what to do', () => {
  const failed = take(1, { status: 'failed', error: 'Out of memory.', generationParams: null, media: null, mediaUrl: null })
  render(Recipe, { take: failed, path: '' })
  expect(screen.getByText('Out of memory.')).toBeInTheDocument()
  expect(screen.getByText(/No recipe came with this file/)).toBeInTheDocument()
  expect(screen.queryByRole('link', { name: 'Download' })).toBeNull()
})

test('one whose recipe could not be read says why', () => {
  render(Recipe, { take: take(1, { generationParams: null, recipeError: 'its labels were not read: they are too large' }), path: PATH })
  expect(screen.getByText('No recipe: its labels were not read: they are too large.')).toBeInTheDocument()
  expect(screen.queryByText(/No recipe came with this file/)).toBeNull()
})

test('a setting says quietly which node it comes from, and where that is not sure', () => {
  const generationParams = { seed: 7, cfg: 6.5, nodes: { seed: '3', cfg: '98:4' }, unsure: ['cfg'] }
  render(Recipe, { take: take(1, { generationParams }), path: PATH })
  expect(screen.getByText('From node 3')).toBeInTheDocument()
  expect(screen.getByText('From node 98:4, not sure')).toBeInTheDocument()
  expect(screen.queryByText('nodes')).toBeNull()
})

test('the workflow is told, and that it has changed while the take waited', () => {
  const workflow = { path: 'wan.json', chosenFor: 'shot' as const, sha256: 'ab', was: 'cd' }
  render(Recipe, { take: take(1, { workflow }), path: PATH })
  expect(screen.getByText('wan.json, of the shot; it has changed since the take was asked for')).toBeInTheDocument()
})
