import { fireEvent, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CARD, prefs } from '../lib/app/prefs.svelte.ts'
import { current, names, openGrid, options, selected, toolbar } from './page.ts'
import { aTake, GULLS, inTheMaking } from './samples.ts'
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

describe('what is shown', () => {
  test('the newest take comes first, and that can be turned round', async () => {
    takes(5)
    const { user } = await openGrid()
    expect(names()[0]).toMatch(/^Take 5/)
    await user.selectOptions(screen.getByRole('combobox', { name: 'Order' }), 'By number')
    await expect.poll(() => names()[0]).toMatch(/^Take 1,/)
  })

  test('a card is called by its number, its status, whether it is active, and its length', async () => {
    takes(3)
    await openGrid()
    expect(names()[0]).toBe('Take 3, complete, active, 5 seconds')
  })

  test('a failed take shows why', async () => {
    world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { status: 'failed', error: 'the disk was full', media: null })])
    await openGrid()
    expect(screen.getAllByText('the disk was full')).not.toHaveLength(0)
    expect(names()[0]).toContain('the disk was full')
  })

  test('a take in the making shows its stage, and how far it has come', async () => {
    const shot = world.add('01_Harbour/01_Dawn/001_Gulls', [inTheMaking(1, { stage: 'running' })])
    await openGrid()
    expect(screen.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow')
    world.progress({ shotId: shot.id, takeId: 'take_001', fraction: 0.4, message: 'step 8 of 20' })
    expect(await screen.findByText('40 %, step 8 of 20')).toBeInTheDocument()
    expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '40')
  })

  test('of hundreds of takes only those near the window are drawn', async () => {
    takes(600)
    await openGrid('take_600')
    expect(options().length).toBeLessThan(60)
    expect(options()[0]).toHaveAttribute('aria-setsize', '600')
  })

  test('the current take is drawn wherever it is', async () => {
    takes(600)
    const { grid } = await openGrid('take_001')
    expect(current(grid)).toMatch(/^Take 1,/)
  })

  test('a shot without takes says where to drop a file', async () => {
    world.add('01_Harbour/01_Dawn/001_Gulls')
    const { openPage } = await import('./page.ts')
    await openPage()
    expect(await screen.findByText('/films/MyFilm/01_Harbour/01_Dawn/001_Gulls/takes/')).toBeInTheDocument()
  })
})

describe('the size of the pictures', () => {
  afterEach(() => (prefs.card = CARD.usual))

  test('it is a slider, and two keys, and it is kept', async () => {
    takes(12)
    const { user } = await openGrid()
    const slider = toolbar().getByRole('slider', { name: 'Size of the pictures' })
    const width = () => options()[0]!.parentElement!.style.width
    const before = width()
    await fireEvent.input(slider, { target: { value: '400' } })
    expect(parseInt(width())).toBeGreaterThan(parseInt(before))
    expect(localStorage.getItem('takes.card')).toBe('400')
    await user.keyboard('-')
    expect(localStorage.getItem('takes.card')).toBe('380')
    await user.keyboard('+'.repeat(20))
    expect(prefs.card).toBe(CARD.most)
  })
})

describe('moving', () => {
  test('at first the active take is the current one', async () => {
    takes(5)
    const { grid } = await openGrid()
    expect(current(grid)).toMatch(/^Take 3,/)
  })

  test('a long shot opens at what is new, and not at an active take far away', async () => {
    takes(60)
    const { grid } = await openGrid()
    expect(current(grid)).toMatch(/^Take 60,/)
  })

  test('the take that the address names is the current one', async () => {
    takes(5)
    const { grid } = await openGrid('take_002')
    expect(current(grid)).toMatch(/^Take 2,/)
  })

  test('arrows move as the cards lie, and the ends are the ends', async () => {
    takes(12)
    const { grid, user } = await openGrid('take_012')
    await user.keyboard('{ArrowRight}')
    expect(current(grid)).toMatch(/^Take 11,/)
    await user.keyboard('{ArrowDown}')
    expect(current(grid)).toMatch(/^Take 7,/)
    await user.keyboard('{ArrowUp}{ArrowUp}')
    expect(current(grid)).toMatch(/^Take 11,/)
    await user.keyboard('{End}')
    expect(current(grid)).toMatch(/^Take 1,/)
    await user.keyboard('{ArrowRight}{ArrowDown}')
    expect(current(grid)).toMatch(/^Take 1,/)
    await user.keyboard('{Home}')
    expect(current(grid)).toMatch(/^Take 12,/)
  })

  test('the address follows, so that a reload comes back to the take', async () => {
    takes(4)
    const { user } = await openGrid('take_004')
    await user.keyboard('{ArrowRight}')
    expect(location.hash).toBe('#/p/myfilm/01_Harbour:01_Dawn:001_Gulls?take=take_003')
  })
})

describe('selecting', () => {
  test('a click selects one, with Control one more, with Shift all between', async () => {
    takes(6)
    const { user } = await openGrid()
    const [first, second, third, fourth] = options()
    await user.click(first!)
    expect(selected()).toEqual(['Take 6'])
    await fireEvent.click(third!, { ctrlKey: true })
    expect(selected()).toEqual(['Take 6', 'Take 4'])
    await user.click(second!)
    await fireEvent.click(fourth!, { shiftKey: true })
    expect(selected()).toEqual(['Take 5', 'Take 4', 'Take 3'])
  })

  test('Shift and an arrow select more', async () => {
    takes(6)
    const { user } = await openGrid('take_006')
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}')
    expect(selected()).toEqual(['Take 6', 'Take 5'])
  })

  test('two takes that can be played can be compared, one cannot', async () => {
    takes(3)
    const { user, app } = await openGrid('take_003')
    expect(toolbar().getByRole('button', { name: /^Compare/ })).toBeDisabled()
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}c')
    expect(app.overlay).toEqual({ kind: 'compare', takes: [`${GULLS}/take_002`, `${GULLS}/take_003`] })
  })

  test('a take that goes away hands the selection to its neighbour', async () => {
    takes(4)
    const { grid } = await openGrid('take_002')
    const gulls = world.shots[0]!.id
    world.takes.set(gulls, world.takes.get(gulls)!.filter((take) => take.number !== 2))
    world.tell('take.deleted', 2)
    await expect.poll(() => current(grid)).toMatch(/^Take 1,/)
  })
})
