import { screen, within } from '@testing-library/svelte'
import { beforeEach, expect, test } from 'vitest'
import { current, names, openGrid, openPage, options, selected, toolbar } from '../../../tests/page.ts'
import { aTake, GULLS } from '../../../tests/samples.ts'
import { World } from '../../../tests/world.ts'

let world: World
const BOAT = '01_Harbour:01_Dawn:002_Boat'

beforeEach(() => {
  world = new World()
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1), aTake(2)])
  world.add('01_Harbour/01_Dawn/002_Boat', [aTake(1)])
})

async function look(words: string) {
  const opened = await openPage(null)
  await screen.findByRole('tree')
  await opened.user.keyboard('/')
  await opened.user.keyboard(words)
  return opened
}

async function lookFor(words: string) {
  const opened = await look(words)
  const grid = await screen.findByRole('listbox', { name: 'Takes' })
  return { ...opened, grid }
}

test('what is typed is found once typing has paused, with the shots of the takes, and stands in the address', async () => {
  await lookFor('number')
  await expect.poll(names).toEqual([
    '002 Boat, Take 1, complete, 5 seconds',
    '001 Gulls, Take 2, complete, 5 seconds',
    '001 Gulls, Take 1, complete, 5 seconds',
  ])
  expect(location.hash).toMatch(/^#\/p\/myfilm\?find=number/)
  expect(world.asked.filter((one) => one.includes('/find'))).toEqual(['GET /api/projects/myfilm/find?q=number&sort=newest&seen=0&limit=100&offset=0'])
  expect(screen.getByText('3 takes')).toBeInTheDocument()
  expect(within(options()[0]!).getByText('number').tagName).toBe('MARK')
})

test('Enter goes to what was found, opens it among the takes of its shot, and Back leads back', async () => {
  const { user, grid } = await lookFor('number 2')
  await user.keyboard('{Enter}')
  expect(grid).toHaveFocus()
  await user.keyboard('{Enter}')
  expect(location.hash).toBe(`#/p/myfilm/${GULLS}?take=take_002`)
  history.back()
  await expect.poll(() => location.hash).toBe(`#/p/myfilm?find=number%202&take=${encodeURIComponent(`${GULLS}/take_002`).replaceAll('%3A', ':')}`)
})

test('where no take is found, Enter opens the first shot that is called so', async () => {
  const { user } = await look('dawn boat')
  await user.keyboard('{Enter}')
  await expect.poll(() => location.hash).toMatch(new RegExp(`^#/p/myfilm/${BOAT}`))
})

test('takes of several shots are judged at once, as one choice', async () => {
  const { user, grid, app } = await lookFor('number')
  await expect.poll(() => app.live?.connection).toBe('open')
  grid.focus()
  await user.keyboard('{Control>}a{/Control}p')
  await expect.poll(() => [...world.takes.values()].flat().map((take) => take.mark)).toEqual(['pick', 'pick', 'pick'])
  expect(world.asked.filter((one) => one.startsWith('PATCH'))).toEqual(['PATCH /api/projects/myfilm/takes'])
  expect(world.bodies[0]).toEqual({
    mark: 'pick',
    shots: [
      { shotId: BOAT, takeIds: ['take_001'] },
      { shotId: GULLS, takeIds: ['take_002', 'take_001'] },
    ],
  })
  expect(toolbar().getByText('3 selected')).toBeInTheDocument()
})

test('two takes of one number in two shots are not one', async () => {
  const { user, grid } = await lookFor('number 1')
  grid.focus()
  await user.keyboard('{Home}')
  expect(selected()).toEqual(['002 Boat'])
  await user.keyboard('{Delete}')
  await expect.poll(() => world.takes.get(BOAT)![0]!.deleted).toBe(true)
  expect(world.takes.get(GULLS)![0]!.deleted).toBe(false)
  await expect.poll(names).toHaveLength(1)
  await expect.poll(() => current(grid)).toMatch(/^001 Gulls, Take 1/)
})

test('a facet narrows the query, and is taken out again', async () => {
  world.facets = { model: [{ value: 'wan 2.1', count: 2 }, { value: 'ltx', count: 1 }] }
  const { user } = await lookFor('number')
  const models = await screen.findByRole('group', { name: 'Model' })
  const wan = within(models).getByRole('button', { name: 'wan 2.1' })
  expect(wan).toHaveAttribute('title', 'model:"wan 2.1": 2 takes')
  await user.click(wan)
  await expect.poll(() => screen.getByRole('textbox', { name: 'Find shots and takes' })).toHaveValue('number model:"wan 2.1"')
  await expect.poll(() => within(models).getByRole('button', { name: /wan/ })).toHaveAttribute('aria-pressed', 'true')
  await user.click(within(models).getByRole('button', { name: /wan/ }))
  await expect.poll(() => location.hash).toMatch(/find=number$/)
})

test('a query that is not understood says why, and where in the field', async () => {
  await look('gulls wrong:7 night')
  expect(await screen.findByText(/There is no field 'wrong'\./)).toBeInTheDocument()
  const field = screen.getByRole('textbox', { name: 'Find shots and takes' })
  expect(field).toHaveAttribute('aria-invalid', 'true')
  expect(document.querySelector('u')).toHaveTextContent(/^wrong:7$/)
})

test('Escape leaves what was found for where it was looked for', async () => {
  const opened = await openPage(BOAT)
  await screen.findByRole('listbox', { name: 'Takes' })
  await opened.user.keyboard('/')
  await opened.user.keyboard('number')
  await expect.poll(() => location.hash).toMatch(/find=number/)
  await opened.user.keyboard('{Escape}')
  await expect.poll(() => location.hash).toMatch(new RegExp(`^#/p/myfilm/${BOAT}`))
})

test('of many takes those that are looked at are asked for, and all of them can be gone through', async () => {
  world.add('01_Harbour/01_Dawn/003_Many', Array.from({ length: 1_150 }, (_, index) => aTake(index + 1, { generationParams: { prompt: 'crowd' } })))
  const { user, grid } = await lookFor('crowd')
  await expect.poll(() => options()[0]?.getAttribute('aria-setsize')).toBe('1150')
  grid.focus()
  await user.keyboard('{End}')
  await expect.poll(() => current(grid)).toMatch(/Take 1,/)
  const offsets = world.asked.flatMap((one) => /offset=(\d+)/.exec(one)?.[1] ?? [])
  expect(offsets).toContain('1100')
  expect(offsets).not.toContain('500')
  await user.keyboard('{Control>}a{/Control}')
  expect(await screen.findByText('The newest 1,000 of 1,150 takes are selected.')).toBeInTheDocument()
  await expect.poll(() => toolbar().getByText('1000 selected')).toBeInTheDocument()
})

test('more like a take is a query away', async () => {
  const { user } = await openGrid('take_002')
  await user.keyboard('i')
  const recipe = await screen.findByRole('complementary', { name: 'Recipe' })
  await user.click(await within(recipe).findByRole('button', { name: 'Same prompt, another seed' }))
  await expect.poll(() => decodeURIComponent(location.hash)).toBe('#/p/myfilm?find=prompt:"gulls, number 2" -seed:2')
})
