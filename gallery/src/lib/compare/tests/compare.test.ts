import { render, screen, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { RECIPE, take } from '../../../tests/takes.ts'
import type { Take } from '../../types.ts'
import Compare from '../Compare.svelte'

const LEFT = take(1)
const RIGHT = take(2, {
  active: true,
  duration: 5,
  generationParams: { ...RECIPE, prompt: 'gulls over the harbour, soft fog', seed: 7, scheduler: 'karras' },
})

function open(left: Take = LEFT, right: Take = RIGHT, ...more: Take[]) {
  const [onclose, onactivate] = [vi.fn(), vi.fn()]
  const { container } = render(Compare, { takes: [left, right, ...more], onclose, onactivate })
  return { onclose, onactivate, container, user: userEvent.setup() }
}

const line = (name: RegExp): HTMLElement => screen.getByRole('row', { name })
const marks = (name: RegExp): (string | null)[] =>
  Array.from(line(name).querySelectorAll('mark'), (mark) => mark.textContent)

test('parameters that differ carry a sign, and those that do not carry none', () => {
  open()
  expect(line(/^Seed, differs|^Seed.*differs/)).toHaveTextContent('≠')
  expect(line(/^Steps/)).not.toHaveTextContent('≠')
  expect(screen.getByText('3 of 9 parameters differ.')).toBeInTheDocument()
})

test('prompts are marked word by word', () => {
  open()
  expect(marks(/^Prompt/)).toEqual(['pier', 'harbour'])
})

test('a parameter that only one take has is not set in the other', () => {
  open()
  expect(line(/^scheduler/)).toHaveTextContent(/not set.*karras/)
})

test('facts of the files are compared as well', () => {
  open()
  expect(marks(/^Duration/)).toEqual(['3.0 s', '5.0 s'])
  expect(marks(/^Codec/)).toEqual([])
})

test('only the differences are shown where that is wanted', async () => {
  const { user } = open()
  await user.click(screen.getByLabelText('Only differences'))
  expect(screen.queryByRole('row', { name: /^Steps/ })).toBeNull()
  expect(line(/^Seed/)).toBeInTheDocument()
})

test('the divider of the wipe moves with the arrow keys', async () => {
  const { user } = open()
  await user.click(screen.getByRole('radio', { name: 'Wipe' }))
  const divider = screen.getByRole('slider', { name: 'Divider' })
  divider.focus()
  await user.keyboard('{ArrowLeft}{ArrowLeft}')
  expect(divider).toHaveAttribute('aria-valuenow', '48')
  await user.keyboard('{Shift>}{ArrowRight}{/Shift}')
  expect(divider).toHaveAttribute('aria-valuenow', '58')
  await user.keyboard('{Home}{ArrowLeft}')
  expect(divider).toHaveAttribute('aria-valuenow', '0')
  await user.keyboard('{End}')
  expect(divider).toHaveAttribute('aria-valuetext', 'Take 1 on 100 % of the picture, Take 2 on the rest')
})

test('changing the view keeps both videos as they are', async () => {
  const { user, container } = open()
  const videos = [...container.querySelectorAll('video')]
  for (const view of ['Wipe', 'Difference', 'Side by side']) await user.click(screen.getByRole('radio', { name: view }))
  expect([...container.querySelectorAll('video')]).toEqual(videos)
})

test('of more than two all are seen side by side, and the first against each other one', async () => {
  const { user, container } = open(LEFT, RIGHT, take(3), take(4))
  const seen = (): (string | null)[] => [...container.querySelectorAll('figure')].map((figure) => figure.getAttribute('aria-label'))
  expect(screen.getByRole('dialog', { name: '4 takes compared' })).toBeInTheDocument()
  expect(seen()).toHaveLength(4)
  await user.keyboard('3')
  expect(seen()).toEqual(['Take 1', 'Take 2'])
  await user.keyboard('{ArrowRight}')
  expect(seen()).toEqual(['Take 1', 'Take 3'])
  await user.keyboard('x{ArrowLeft}{ArrowLeft}')
  expect(seen()).toEqual(['Take 4', 'Take 1'])
})

test('the recipes of all that are seen are held against the first', async () => {
  const { user } = open(LEFT, RIGHT, take(3), take(4, { generationParams: { ...RIGHT.generationParams, seed: 9 } }))
  const heads = (): (string | null)[] => screen.getAllByRole('columnheader').map((head) => head.textContent)
  expect(heads()).toEqual(['What', 'Take 1', 'Take 2', 'Take 3', 'Take 4'])
  expect(marks(/^Prompt/)).toEqual(['harbour', 'harbour'])
  expect(marks(/^Seed/)).toEqual(['7', '9'])
  await user.keyboard('2')
  expect(heads()).toEqual(['What', 'Take 1', 'Take 2'])
  expect(marks(/^Prompt/)).toEqual(['pier', 'harbour'])
})

test('takes of two shots are compared that have the same number', () => {
  open(take(1), take(1, { shotId: '002_Noon' }))
  expect(screen.getAllByRole('columnheader').map((head) => head.textContent)).toEqual(['What', 'Take 1', 'Take 1'])
})

test('one key has one take in the place of the other, and back', async () => {
  const { user, container } = open()
  const isOther = (): boolean | undefined => container.querySelector('.flip')?.classList.contains('other')
  await user.keyboard('b')
  expect(isOther()).toBe(true)
  await user.keyboard('b')
  expect(isOther()).toBe(false)
})

test('swapping the sides swaps the columns too', async () => {
  const { user } = open()
  await user.click(screen.getByRole('button', { name: 'Swap sides' }))
  const heads = screen.getAllByRole('columnheader').slice(1, 3)
  expect(heads.map((head) => head.textContent)).toEqual(['Take 2', 'Take 1'])
})

test('either take can be made active, but for the one that is', async () => {
  const { user, onactivate } = open()
  expect(screen.getByRole('button', { name: 'Take 2 is active' })).toBeDisabled()
  await user.click(screen.getByRole('button', { name: 'Make take 1 active' }))
  expect(onactivate).toHaveBeenCalledWith(LEFT)
})

test('two stills have nothing to play, and are compared all the same', () => {
  const still = { kind: 'image', codec: 'png', frameRate: null } as const
  open(take(1, { duration: null }, still), take(2, { duration: null }, still))
  expect(screen.queryByRole('group', { name: 'Playback' })).toBeNull()
  expect(within(screen.getByRole('dialog')).getAllByRole('img')).toHaveLength(2)
})

test('a take without a recipe is compared with one that has one', () => {
  open(take(1, { generationParams: null }), take(2))
  expect(screen.getByText('8 of 8 parameters differ.')).toBeInTheDocument()
})
