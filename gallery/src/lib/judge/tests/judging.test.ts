import { fireEvent, screen, within } from '@testing-library/svelte'
import { beforeEach, describe, expect, test } from 'vitest'
import { names, openGrid, options, selected, toolbar } from '../../../tests/page.ts'
import { aRefusal, aTake } from '../../../tests/samples.ts'
import { World } from '../../../tests/world.ts'
import type { Note, Stroke } from '../../types.ts'
import { threaded } from '../notes.ts'

let world: World

beforeEach(() => {
  world = new World()
})

function takes(count: number): void {
  world.add(
    '01_Harbour/01_Dawn/001_Gulls',
    Array.from({ length: count }, (_, index) => aTake(index + 1)),
  )
}

describe('keys', () => {
  test('0 to 5, P, X and U say what is thought of all selected takes', async () => {
    takes(3)
    const { user } = await openGrid('take_003')
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}4px')
    expect(world.bodies).toEqual([
      { takeIds: ['take_003', 'take_002'], rating: 4 },
      { takeIds: ['take_003', 'take_002'], mark: 'pick' },
      { takeIds: ['take_003', 'take_002'], mark: 'reject' },
    ])
    await expect.poll(() => names()[0]).toBe('Take 3, complete, rejected, rated 4, 5 seconds')
    await user.keyboard('u0')
    await expect.poll(() => names()[0]).toBe('Take 3, complete, 5 seconds')
  })

  test('Control Z takes back what was chosen, and with Shift chooses it again', async () => {
    takes(2)
    const { user } = await openGrid('take_002')
    await user.keyboard('5')
    await expect.poll(() => names()[0]).toMatch(/rated 5/)
    await user.keyboard('{Control>}z{/Control}')
    await expect.poll(() => names()[0]).not.toMatch(/rated/)
    await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}')
    await expect.poll(() => names()[0]).toMatch(/rated 5/)
    await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}')
    expect(await screen.findByRole('alert')).toHaveTextContent('there is nothing of anna to undo')
  })

  test('T asks for tags, of which those that are struck out are taken away', async () => {
    world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { tags: ['hero', 'night'] })])
    const { user } = await openGrid('take_001')
    await user.keyboard('t')
    const field = within(await screen.findByRole('dialog', { name: 'Tags of Take 1' })).getByRole('textbox')
    expect(field).toHaveValue('hero, night')
    await user.clear(field)
    await user.type(field, 'night, slow,{Enter}')
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull()
    expect(world.bodies).toEqual([{ takeIds: ['take_001'], addTags: ['slow'], removeTags: ['hero'] }])
  })

  test('M asks for a note, and the letters of it do nothing else', async () => {
    takes(1)
    const { user } = await openGrid('take_001')
    await user.keyboard('m')
    const dialog = within(await screen.findByRole('dialog', { name: 'A note on Take 1' }))
    await user.type(dialog.getByRole('textbox'), 'px5: six fingers')
    await user.click(dialog.getByRole('button', { name: 'Write' }))
    expect(world.bodies).toEqual([{ takeIds: ['take_001'], note: { text: 'px5: six fingers' } }])
    await expect.poll(() => screen.queryByRole('dialog')).toBeNull()
  })

  test('what the daemon refuses is said, and stays in the dialog', async () => {
    takes(1)
    const { user } = await openGrid('take_001')
    await user.keyboard('m')
    const dialog = within(await screen.findByRole('dialog'))
    await user.type(dialog.getByRole('textbox'), 'six fingers')
    world.refusal = aRefusal(400, 'Choice not kept', 'that is no note')
    await user.click(dialog.getByRole('button', { name: 'Write' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('that is no note')
    expect(dialog.getByRole('textbox')).toHaveValue('six fingers')
  })
})

describe('many takes', () => {
  test('one bar judges all of them in one request', async () => {
    takes(4)
    const { user } = await openGrid('take_004')
    await user.keyboard('{Control>}a{/Control}')
    await user.click(toolbar().getByRole('button', { name: 'Rate 3' }))
    await user.click(toolbar().getByRole('button', { name: 'Pick' }))
    const takeIds = ['take_004', 'take_003', 'take_002', 'take_001']
    expect(world.bodies).toEqual([{ takeIds, rating: 3 }, { takeIds, mark: 'pick' }])
    await expect.poll(() => toolbar().getByRole('button', { name: 'Pick' }).getAttribute('aria-pressed')).toBe('true')
  })

  test('a box that is drawn selects what it touches, and with Control what was selected stays', async () => {
    takes(6)
    const { grid } = await openGrid('take_006')
    const draw = async (from: [number, number], to: [number, number], more = {}): Promise<void> => {
      const at = ([clientX, clientY]: [number, number]) => ({ clientX, clientY, button: 0, pointerId: 1, ...more })
      grid.setPointerCapture = () => undefined
      await fireEvent.pointerDown(grid, at(from))
      await fireEvent.pointerMove(grid, at(to))
      await fireEvent.pointerUp(grid, at(to))
    }
    await draw([5, 5], [300, 60])
    expect(selected()).toEqual(['Take 6', 'Take 5'])
    await draw([990, 5], [960, 60], { ctrlKey: true })
    expect(selected()).toEqual(['Take 6', 'Take 5', 'Take 3'])
    await draw([300, 100], [302, 101])
    expect(selected()).toEqual(['Take 6', 'Take 5', 'Take 3'])
  })
})

describe('the sieve', () => {
  test('chips narrow what is shown, and say to how many', async () => {
    world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { rating: 4, mark: 'pick' }), aTake(2, { rating: 3 }), aTake(3)])
    const { user } = await openGrid()
    await user.click(screen.getByRole('button', { name: '★★★ and more' }))
    expect(names()).toHaveLength(2)
    expect(screen.getByText('2 of 3 takes')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Picks' }))
    expect(names()).toHaveLength(1)
    expect(screen.queryByRole('button', { name: 'Failed' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Unrated' }))
    await user.click(screen.getByRole('button', { name: 'Show all takes' }))
    expect(names()).toHaveLength(3)
  })

  test('a take that leaves what is shown hands over to its neighbour', async () => {
    takes(3)
    const { user } = await openGrid('take_003')
    await user.click(screen.getByRole('button', { name: 'Unrated' }))
    screen.getByRole('listbox').focus()
    await user.keyboard('4')
    await expect.poll(() => names().length).toBe(2)
    expect(selected()).toEqual(['Take 2'])
  })
})

describe('notes', () => {
  test('are answered, resolved and withdrawn beside the recipe', async () => {
    const note = { note: 1, text: 'six fingers', by: 'anna', at: '2024-03-05T10:00:00Z', frame: 12, lastFrame: 20, drawing: [] }
    world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { notes: [{ ...note, answers: null, state: 'open' }] })])
    const { user } = await openGrid('take_001')
    await user.keyboard('i')
    const notes = within(await screen.findByRole('region', { name: 'Notes' }))
    expect(notes.getByText(/anna/)).toBeInTheDocument()
    expect(notes.getByRole('button', { name: 'frames 12 to 20' })).toBeEnabled()
    await user.click(notes.getByRole('button', { name: 'Answer' }))
    await user.type(notes.getByRole('textbox', { name: 'An answer to note 1' }), 'as it should be{Enter}')
    expect(await notes.findByText('as it should be')).toBeInTheDocument()
    expect(world.bodies.at(-1)).toEqual({ takeIds: ['take_001'], note: { text: 'as it should be', answers: 1 } })
    await user.click(notes.getAllByRole('button', { name: 'Resolve' })[0]!)
    expect(world.bodies.at(-1)).toEqual({ state: 'resolved' })
    expect(world.asked.some((one) => one.endsWith('/takes/take_001/notes/1'))).toBe(true)
  })
})

describe('notes on a shot', () => {
  test('the last one that waits stands in its head; all of them are answered and settled in a dialog', async () => {
    const note = { by: 'anna', at: '2024-03-05T10:00:00Z', frame: null, lastFrame: null, answers: null, state: 'open', drawing: [] as Stroke[] } as const
    const notes = [{ ...note, note: 1, text: 'darker' }, { ...note, note: 2, text: 'slower' }]
    world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1)], { notes })
    const { user } = await openGrid()
    await user.click(screen.getByRole('button', { name: /slower/ }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Notes on Gulls' }))
    await user.click(dialog.getAllByRole('button', { name: 'Resolve' })[1]!)
    await expect.poll(() => screen.queryByRole('button', { name: /✎ slower/ })).toBeNull()
    expect(await screen.findByRole('button', { name: /✎ darker/ })).toBeInTheDocument()
    await user.type(dialog.getByRole('textbox', { name: 'A note' }), 'as at dusk{Enter}')
    expect(await dialog.findByText('as at dusk')).toBeInTheDocument()
    expect(world.bodies).toEqual([{ state: 'resolved' }, { note: { text: 'as at dusk', answers: null } }])
  })
})

test('answers stand below what they answer', () => {
  const answers = [null, null, 1, 3, 9]
  const notes = answers.map((answers, index) => ({ note: index + 1, answers }) as Note)
  expect(threaded(notes).map(({ note }) => note)).toEqual([1, 3, 4, 2, 5])
})

describe('culling', () => {
  async function cull(count: number) {
    takes(count)
    const opened = await openGrid(`take_00${count}`)
    await opened.user.keyboard('v')
    const dialog = within(await screen.findByRole('dialog', { name: 'Culling' }))
    return { ...opened, dialog }
  }

  test('one key judges a take, and the next one comes by itself until none is left', async () => {
    const { user, dialog } = await cull(3)
    expect(dialog.getByText('3 left')).toBeInTheDocument()
    expect(dialog.getByRole('heading')).toHaveTextContent('Take 3')
    await user.keyboard('p')
    expect(dialog.getByRole('heading')).toHaveTextContent('Take 2')
    await user.keyboard('x')
    expect(dialog.getByText('1 left')).toBeInTheDocument()
    await user.keyboard('4')
    expect(dialog.getByRole('heading')).toHaveTextContent('All of them are judged')
    expect(world.bodies).toEqual([
      { takeIds: ['take_003'], mark: 'pick' },
      { takeIds: ['take_002'], mark: 'reject' },
      { takeIds: ['take_001'], rating: 4 },
    ])
    await user.keyboard('{Escape}')
    await expect.poll(() => options().length).toBe(3)
  })

  test('what was judged by mistake is taken back, and seen again', async () => {
    const { user, dialog } = await cull(3)
    await user.keyboard('p')
    await user.keyboard('{Control>}z{/Control}')
    expect(dialog.getByRole('heading')).toHaveTextContent('Take 3')
    expect(dialog.getByText('3 left')).toBeInTheDocument()
    expect(world.asked.filter((one) => one.endsWith('/undo'))).toHaveLength(1)
  })

  test('what is judged already is passed over, and the arrows lead to all', async () => {
    world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1), aTake(2, { rating: 3 }), aTake(3)])
    const { user } = await openGrid('take_003')
    await user.keyboard('v')
    const dialog = within(await screen.findByRole('dialog', { name: 'Culling' }))
    expect(dialog.getByText('2 left')).toBeInTheDocument()
    await user.keyboard('p')
    expect(dialog.getByRole('heading')).toHaveTextContent('Take 1')
    await user.keyboard('{ArrowLeft}')
    expect(dialog.getByRole('heading')).toHaveTextContent('Take 2')
  })
})
