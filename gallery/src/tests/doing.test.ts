import { fireEvent, screen } from '@testing-library/svelte'
import { beforeEach, expect, test } from 'vitest'
import { names, openGrid, options, toolbar } from './page.ts'
import { aRefusal, aTake, GULLS, inTheMaking } from './samples.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

function takes(count: number): void {
  world.add(
    '01_Harbour/01_Dawn/001_Gulls',
    Array.from({ length: count }, (_, index) => aTake(index + 1, { active: index === 2 })),
  )
}

test('A asks for the take to be active, and the mark moves when the daemon says so', async () => {
  takes(3)
  const { user } = await openGrid('take_001')
  await user.keyboard('a')
  await expect.poll(() => names().find((name) => name.includes('active'))).toMatch(/^Take 1,/)
  expect(world.bodies).toContainEqual({ takeId: 'take_001' })
})

test('a take that is not complete is not made active', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { status: 'failed', error: 'no', media: null })])
  const { user } = await openGrid()
  await user.keyboard('a')
  expect(await screen.findByText(/Take 1 is not complete/)).toBeInTheDocument()
  expect(world.asked.some((one) => one.startsWith('PUT'))).toBe(false)
})

test('a failed take is accepted, and complete then', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { status: 'failed', error: 'no', media: null })])
  const { user } = await openGrid('take_001')
  await user.click(toolbar().getByRole('button', { name: 'Accept' }))
  await expect.poll(() => names()[0]).toMatch(/^Take 1, complete/)
  expect(world.asked.some((one) => one.startsWith('POST') && one.endsWith('/take_001/accept'))).toBe(true)
})

test('what was cancelled has nothing to be accepted', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { status: 'failed', error: 'no', cancelled: true, media: null })])
  await openGrid('take_001')
  expect(toolbar().queryByRole('button', { name: 'Accept' })).not.toBeInTheDocument()
})

test('a refusal is shown with its hint, and nothing has changed', async () => {
  takes(3)
  const { user } = await openGrid('take_001')
  world.refusal = aRefusal(409, 'Refused', 'take 1 is gone', 'Look again.')
  await user.keyboard('a')
  expect(await screen.findByRole('alert')).toHaveTextContent('take 1 is gone. Look again.')
  expect(names().find((name) => name.includes('active'))).toMatch(/^Take 3,/)
})

test('Space, Enter and a double click play', async () => {
  takes(3)
  const { user, app } = await openGrid('take_001')
  await user.keyboard(' ')
  expect(app.overlay).toEqual({ kind: 'player', take: `${GULLS}/take_001` })
  app.overlay = null
  await user.keyboard('{ArrowLeft}{Enter}')
  expect(app.overlay).toEqual({ kind: 'player', take: `${GULLS}/take_002` })
  app.overlay = null
  await user.dblClick(options()[0]!)
  expect(app.overlay).toEqual({ kind: 'player', take: `${GULLS}/take_003` })
})

test('Delete hides, and Control Z brings back', async () => {
  takes(3)
  const { user } = await openGrid('take_002')
  await user.keyboard('{Delete}')
  await expect.poll(() => names().length).toBe(2)
  expect(await screen.findByText('Take 2 deleted.')).toBeInTheDocument()
  await user.keyboard('{Control>}z{/Control}')
  await expect.poll(() => names().length).toBe(3)
})

test('Undo can be reached in the message itself', async () => {
  takes(3)
  const { user } = await openGrid('take_002')
  await user.keyboard('{Delete}')
  await user.click(await screen.findByRole('button', { name: 'Undo' }))
  await expect.poll(() => names().length).toBe(3)
})

test('what is still being made is cancelled by Delete, and that cannot be undone', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1), inTheMaking(2)])
  const { user } = await openGrid('take_002')
  expect(toolbar().getByRole('button', { name: 'Cancel' })).toBeEnabled()
  await user.keyboard('{Delete}')
  expect(await screen.findByText('Take 2 cancelled.')).toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Undo' })).not.toBeInTheDocument()
})

test('a drop that is just being taken in is hidden by Delete, and that can be undone', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1), inTheMaking(2, { stage: 'arriving' })])
  const { user } = await openGrid('take_002')
  expect(toolbar().getByRole('button', { name: 'Delete' })).toBeEnabled()
  await user.keyboard('{Delete}')
  expect(await screen.findByText('Take 2 deleted.')).toBeInTheDocument()
  expect(screen.getByRole('button', { name: 'Undo' })).toBeEnabled()
})

test('deleted takes are shown on request, and restored', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1), aTake(2, { deleted: true })])
  const { user } = await openGrid()
  expect(names()).toHaveLength(1)
  await user.click(toolbar().getByRole('button', { name: 'Show deleted' }))
  await expect.poll(() => names()[0]).toMatch(/^Take 2, complete, deleted/)
  await user.click(options()[0]!)
  await user.click(toolbar().getByRole('button', { name: 'Restore' }))
  await expect.poll(() => names()[0]).toBe('Take 2, complete, 5 seconds')
})

test('the pointer runs through the filmstrip, which is asked for then and not before', async () => {
  takes(1)
  await openGrid()
  const card = options()[0]!
  expect(card.querySelector('img[src$="/filmstrip"]')).toBeNull()
  await fireEvent.pointerMove(card.querySelector('.scrub')!, { clientX: 10, pointerType: 'mouse' })
  expect(card.querySelector('img[src$="/filmstrip"]')).not.toBeNull()
})

test('the keys run through the filmstrip too', async () => {
  takes(1)
  const { user } = await openGrid()
  await user.keyboard('..')
  const strip = options()[0]!.querySelector<HTMLElement>('img[src$="/filmstrip"]')
  expect(strip?.style.transform).toBe('translateX(-6.25%)')
})

test('keys of the page do nothing while somebody types', async () => {
  takes(1)
  const { user, app } = await openGrid()
  await user.keyboard('/')
  const field = screen.getByRole('textbox', { name: 'Find shots and takes' })
  expect(field).toHaveFocus()
  await user.keyboard('n?')
  expect(field).toHaveValue('n?')
  expect(app.overlay).toBeNull()
})

test('a new take is asked for while the film is still on its way, and the dialog comes with it', async () => {
  takes(3)
  let arrive = (): void => {}
  world.shotsAfter = new Promise((resolve) => (arrive = resolve))
  const { user } = await openGrid('take_002')
  await user.keyboard('n')
  expect(screen.queryByRole('dialog')).toBeNull()
  arrive()
  expect(await screen.findByRole('dialog', { name: 'New take of Gulls' })).toHaveTextContent('Filled from take 2.')
})

test('a take that goes while it is looked at leaves the page its keys', async () => {
  takes(3)
  const { user, app } = await openGrid('take_002')
  await user.keyboard(' ')
  await screen.findByRole('dialog')
  world.takes.set(GULLS, [aTake(1), aTake(3)])
  world.tell('take.deleted', 2)
  await expect.poll(() => app.overlay).toBeNull()
  await user.keyboard('?')
  expect(await screen.findByRole('dialog', { name: 'Keys' })).toBeInTheDocument()
})
