import { fireEvent, screen, within } from '@testing-library/svelte'
import { beforeEach, describe, expect, test } from 'vitest'
import { CARD, prefs } from '../lib/app/prefs.svelte.ts'
import { openPage } from './page.ts'
import { aTake, inTheMaking } from './samples.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

function film(): void {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { active: true }), aTake(2)])
  world.add('01_Harbour/01_Dawn/002_Boat')
  world.add('02_Crossing/01_Swell', [inTheMaking(1)])
}

async function openTree() {
  const opened = await openPage(null)
  const tree = await screen.findByRole('tree')
  await expect.poll(() => within(tree).getAllByRole('treeitem').length).toBeGreaterThan(0)
  return { ...opened, tree, items: () => within(tree).getAllByRole('treeitem') }
}

function focused(): string {
  return document.activeElement?.getAttribute('aria-label') ?? ''
}

describe('the tree', () => {
  test('it has the chapters, scenes and shots, each with its counts', async () => {
    film()
    const { items } = await openTree()
    expect(items().map((item) => item.getAttribute('aria-label'))).toEqual([
      '01 Harbour, 2 takes, 2 shots',
      '01 Dawn, 2 takes, 2 shots',
      '001 Gulls, 2 takes',
      '002 Boat, 0 takes',
      '02 Crossing, 1 take, 1 shot',
      '01 Swell, 1 take, none active',
    ])
    expect(items()[2]).toHaveAttribute('aria-level', '3')
    expect(items()[3]).toHaveAttribute('aria-posinset', '2')
  })

  test('a shot shows the picture of its active take', async () => {
    film()
    const { items } = await openTree()
    const picture = items()[2]!.querySelector('img')
    expect(picture?.getAttribute('src')).toBe(
      '/api/projects/myfilm/shots/01_Harbour:01_Dawn:001_Gulls/takes/take_001/thumbnail?size=160',
    )
    expect(items()[3]!.querySelector('img')).toBeNull()
  })

  test('keys move through it, close and open, and choose', async () => {
    film()
    const { user, items } = await openTree()
    items()[0]!.focus()
    await user.keyboard('{ArrowDown}')
    await expect.poll(focused).toMatch(/Dawn/)
    await user.keyboard('{ArrowLeft}')
    await expect.poll(() => items().length).toBe(4)
    await user.keyboard('{ArrowRight}')
    await expect.poll(() => items().length).toBe(6)
    await user.keyboard('{ArrowRight}')
    await expect.poll(focused).toMatch(/Gulls/)
    await user.keyboard('{Enter}')
    expect(location.hash).toBe('#/p/myfilm/01_Harbour:01_Dawn:001_Gulls')
  })

  test('one of its nodes can be reached with Tab, and only one', async () => {
    film()
    const { items } = await openTree()
    expect(items().filter((item) => item.tabIndex === 0)).toHaveLength(1)
  })

  test('a letter leads to the next name that begins with it', async () => {
    film()
    const { user, items } = await openTree()
    items()[0]!.focus()
    await user.keyboard('b')
    await expect.poll(focused).toMatch(/Boat/)
  })

  test('a shot in which takes are made says how many', async () => {
    film()
    const { items } = await openTree()
    const swell = world.shots.findIndex((shot) => shot.id === '02_Crossing:01_Swell')
    world.shots[swell] = { ...world.shots[swell]!, makingCount: 1 }
    world.tell('take.created', 2, '02_Crossing:01_Swell')
    await expect.poll(() => items()[5]!.getAttribute('aria-label')).toContain('1 in the making')
  })

  test('of ten thousand shots a window full is drawn', async () => {
    for (let scene = 0; scene < 100; scene += 1)
      for (let shot = 0; shot < 100; shot += 1) world.shots.push({ id: `${scene}:${shot}`, shotId: `${shot}`, path: `${scene}/${shot}`, takeCount: 0, makingCount: 0, activeTakeId: null, activeLength: null, lastNumber: 0, stage: null, notes: [] })
    const { items } = await openTree()
    expect(items().length).toBeLessThan(60)
    items()[0]!.click()
    await expect.poll(() => items()[0]!.getAttribute('aria-expanded')).toBe('true')
    expect(items().length).toBeLessThan(60)
  })
})

describe('the search', () => {
  test('it filters shots by name at once', async () => {
    film()
    const { user, items } = await openTree()
    await user.keyboard('/')
    await user.keyboard('boat')
    expect(items().map((item) => item.getAttribute('aria-label'))).toContain('002 Boat, 0 takes')
    expect(items()).toHaveLength(3)
  })

  test('the down arrow leads to the shots that are called so', async () => {
    film()
    const { user } = await openTree()
    await user.keyboard('/')
    await user.keyboard('dawn boat{ArrowDown}{End}{Enter}')
    expect(location.hash).toBe('#/p/myfilm/01_Harbour:01_Dawn:002_Boat')
  })

  test('Escape clears it, and all shots are back', async () => {
    film()
    const { user, items } = await openTree()
    await user.keyboard('/')
    await user.keyboard('boat{Escape}')
    await expect.poll(() => items().length).toBe(6)
  })
})

describe('the overview', () => {
  test('it is a contact sheet of the active takes, with the way to the reel', async () => {
    film()
    const { user } = await openTree()
    expect(screen.getByText('3 shots · 3 takes · 1 with an active take')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Play the reel' })).toBeEnabled()
    await user.click(screen.getByRole('button', { name: /^001 Gulls ?Take 1 of 2$/ }))
    expect(location.hash).toBe('#/p/myfilm/01_Harbour:01_Dawn:001_Gulls')
  })

  test('its pictures have the size that was chosen, by the slider and the keys', async () => {
    film()
    const { user } = await openTree()
    const width = () => parseInt(screen.getByRole('button', { name: /^001 Gulls/ }).parentElement!.style.width)
    const before = width()
    await fireEvent.input(screen.getByRole('slider', { name: 'Size of the pictures' }), { target: { value: '200' } })
    expect(width()).toBeLessThan(before)
    await user.keyboard('-')
    expect(prefs.card).toBe(180)
    prefs.card = CARD.usual
  })

  test('a picture that has not come yet is of its own colour', async () => {
    film()
    const gulls = world.shots[0]!
    gulls.activeColour = '#123456'
    await openTree()
    const frame = screen.getByRole('button', { name: /^001 Gulls/ }).querySelector<HTMLElement>('.picture')!
    expect(frame.style.background).toBe('#123456')
  })

  test('without an active take there is no reel', async () => {
    world.add('02_Crossing/01_Swell')
    await openTree()
    expect(screen.getByRole('button', { name: 'Play the reel' })).toBeDisabled()
  })

  test('where there is more than one film, another can be chosen', async () => {
    film()
    world.projects.push({ ...world.projects[0]!, id: 'other', name: 'Other' })
    const { user } = await openTree()
    await user.selectOptions(screen.getByRole('combobox', { name: 'Project' }), 'Other')
    expect(location.hash).toBe('#/p/other')
  })
})
