import { screen, within } from '@testing-library/svelte'
import { beforeEach, expect, test } from 'vitest'
import { names, openGrid, options, toolbar } from './page.ts'
import { aTake, GULLS, purged } from './samples.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

/** The grid with deleted takes shown, the given one of them chosen. */
async function openDeleted(take: string) {
  const opened = await openGrid(take)
  await opened.user.click(toolbar().getByRole('button', { name: 'Show deleted' }))
  await expect.poll(() => names().some((name) => name.includes('purged'))).toBe(true)
  opened.app.desk.select(`${GULLS}/${take}`)
  opened.grid.focus()
  await opened.user.keyboard('i')
  const recipe = screen.getByRole('complementary', { name: 'Recipe' })
  await within(recipe).findByRole('region', { name: /^Recipe of/ })
  return { ...opened, recipe: within(recipe) }
}

function takes(): void {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { active: true }), purged(2), aTake(3, { deleted: true })])
}

test('a purged take is called that, and its picture is the one that is kept', async () => {
  takes()
  await openDeleted('take_002')
  expect(names()).toContain('Take 2, purged, 5 seconds')
  const card = options().find((one) => one.textContent.includes('Take 2'))!
  expect(within(card).getByText('Purged')).toBeInTheDocument()
  const picture = card.querySelector('img')!
  expect(picture.getAttribute('src')).toMatch(/take_002\/thumbnail\?size=320$/)
  expect(picture).not.toHaveAttribute('srcset')
})

test('a failed take that was purged still says why it failed', async () => {
  const failed = { status: 'failed', error: 'the disk was full', media: null, thumbnailUrl: null } as const
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1), purged(2, failed)])
  const { recipe } = await openDeleted('take_002')
  expect(names()[0]).toBe('Take 2, purged, the disk was full, 5 seconds')
  expect(recipe.getByText(/its file is gone for good/)).toBeInTheDocument()
})

test('nothing offers to play, compare, activate, delete or restore it', async () => {
  takes()
  const { user, app } = await openDeleted('take_002')
  for (const name of [/^Play$/, /^Make active$/, /^Compare/, /^Delete$/]) {
    expect(toolbar().getByRole('button', { name })).toBeDisabled()
  }
  expect(toolbar().queryByRole('button', { name: 'Restore' })).toBeNull()
  expect(screen.queryByRole('link', { name: 'Download' })).toBeNull()
  await user.keyboard(' ')
  expect(await screen.findByText('Take 2 is purged: its recipe is kept, and nothing to play.')).toBeInTheDocument()
  expect(app.overlay).toBeNull()
  await user.keyboard('a{Delete}')
  expect(await screen.findByText(/Take 2 is purged, so it cannot be the active take/)).toBeInTheDocument()
  expect(world.asked.some((one) => /^(PUT|POST|PATCH|DELETE)/.test(one))).toBe(false)
})

test('of deleted takes only those are restored that can be', async () => {
  takes()
  const { user } = await openDeleted('take_002')
  await user.keyboard('{Shift>}{ArrowLeft}{/Shift}')
  await user.click(toolbar().getByRole('button', { name: 'Restore' }))
  await expect.poll(() => names()).toContain('Take 3, complete, 5 seconds')
  expect(world.bodies).toEqual([{ takeIds: ['take_003'], deleted: false }])
})

test('the recipe panel says when it was purged and how much went, and has no path to a file', async () => {
  takes()
  const { recipe } = await openDeleted('take_002')
  expect(await recipe.findByText(/^Purged .*Mar.*: its 1.0 kB are gone for good; its recipe is kept.$/)).toBeInTheDocument()
  expect(recipe.queryByText('Path')).toBeNull()
  expect(recipe.getByText('gulls, number 2')).toBeInTheDocument()
})

test('its recipe makes a new take', async () => {
  takes()
  const { user, recipe } = await openDeleted('take_002')
  await user.click(recipe.getByRole('button', { name: 'New take from its recipe' }))
  expect(await screen.findByRole('dialog')).toHaveTextContent('Filled from take 2.')
  expect(screen.getByLabelText('Prompt')).toHaveValue('gulls, number 2')
})

test('a take that is purged while it is seen is seen as that at once', async () => {
  takes()
  const { recipe } = await openDeleted('take_003')
  expect(recipe.queryByText(/^Purged/)).toBeNull()
  world.purge(GULLS, 'take_003')
  await expect.poll(() => names()).toContain('Take 3, purged, 5 seconds')
  expect(recipe.getByText(/^Purged \d+:\d+: its 1.0 kB are gone for good/)).toBeInTheDocument()
})

test('one that is purged while it is looked at says so, with its picture', async () => {
  takes()
  const { user } = await openDeleted('take_003')
  await user.keyboard(' ')
  const player = within(await screen.findByRole('dialog'))
  world.purge(GULLS, 'take_003')
  expect(await player.findByText(/It is purged/)).toBeInTheDocument()
  expect(player.getByRole('img', { name: 'A still of take 3' }).getAttribute('src')).toMatch(/size=320$/)
  expect(player.getByText('Purged')).toBeInTheDocument()
})
