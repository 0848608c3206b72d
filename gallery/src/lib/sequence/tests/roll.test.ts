import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sequence } from '../../../tests/takes.ts'
import type { Frames } from '../../types.ts'
import { Clock } from '../../transport/clock.svelte.ts'
import { spanOf } from '../frames.ts'
import { Roll, type Shown } from '../roll.ts'
import type { Picture } from '../store.ts'
import { even, uneven } from '../times.ts'

const PICTURE: Picture = { source: document.createElement('canvas'), width: 16, height: 9 }

/** A roll whose pictures come when they are let come, and what was shown of it. */
function threaded(frames: Frames = sequence(), { lost = [] as number[], rate = 25, times = even(spanOf(frames), rate) } = {}) {
  const asked: number[] = []
  const shown: Shown[] = []
  const coming = new Map<number, () => void>()
  const roll = new Roll(
    frames,
    times,
    (number) => {
      asked.push(number)
      return new Promise((come, fail) => coming.set(number, () => (lost.includes(number) ? fail(new Error('gone')) : come(PICTURE))))
    },
    (next) => shown.push(next),
  )
  const come = async (...numbers: number[]): Promise<void> => {
    for (const number of numbers) coming.get(number)?.()
    await pass(0)
  }
  /** All that are asked for, until nothing more is. */
  const comeAll = async (): Promise<void> => {
    while (coming.size > 0) {
      const numbers = [...coming.keys()]
      for (const number of numbers) coming.get(number)?.()
      for (const number of numbers) coming.delete(number)
      await pass(0)
    }
  }
  return { roll, asked, shown, come, comeAll, numbers: () => shown.map((one) => one.number) }
}

/** Let so many milliseconds pass. */
const pass = (time: number): Promise<unknown> => vi.advanceTimersByTimeAsync(time)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('its frames are asked for before their turn, a few at a time, and no missing one', async () => {
  const { asked, comeAll } = threaded(sequence([1001, 1002, 1005, 1006]))
  expect(asked).toEqual([1001, 1002, 1005, 1006])
  await comeAll()
  expect(asked).toHaveLength(4)
})

test('every frame is shown in its turn, by its own number, and the end is told', async () => {
  const { roll, comeAll, numbers } = threaded(sequence([7, 8, 9]))
  await comeAll()
  let isOver = false
  roll.addEventListener('ended', () => (isOver = true))
  void roll.play()
  await pass(200)
  expect(isOver).toBe(true)
  expect(numbers()).toEqual([7, 8, 9])
  expect([roll.paused, roll.ended, roll.currentTime]).toEqual([true, true, roll.duration])
})

test('a missing frame takes its time, and the one before it is seen', async () => {
  const { roll, comeAll, shown } = threaded(sequence([1, 2, 5]))
  await comeAll()
  roll.currentTime = 2.5 / 25
  expect(shown.at(-1)).toMatchObject({ number: 3, seen: 2, picture: PICTURE })
  expect(roll.duration).toBeCloseTo(5 / 25)
})

test('time stands still where a frame is not there yet', async () => {
  const { roll, come, numbers } = threaded(sequence([1, 2, 3]))
  await come(1, 3)
  void roll.play()
  await pass(100)
  expect(numbers()).toEqual([1])
  expect(roll.currentTime).toBeLessThan(1 / 25)
  await come(2)
  await pass(200)
  expect(roll.ended).toBe(true)
  expect(numbers()).toEqual([1, 2, 3])
})

test('it begins again where it loops', async () => {
  const { roll, comeAll, numbers } = threaded(sequence([1, 2, 3]))
  await comeAll()
  roll.loop = true
  void roll.play()
  await pass(200)
  roll.close()
  expect(numbers().slice(0, 5)).toEqual([1, 2, 3, 1, 2])
})

test('a frame that cannot be had is told, and the others are shown', async () => {
  const { roll, comeAll, shown } = threaded(sequence([1, 2, 3]), { lost: [2] })
  await comeAll()
  roll.currentTime = 1.5 / 25
  expect(shown.at(-1)).toMatchObject({ number: 2, seen: 2, picture: null })
  roll.currentTime = 2.5 / 25
  expect(shown.at(-1)).toMatchObject({ number: 3, picture: PICTURE })
})

test('one of which not even the first frame can be had says that it cannot be played', async () => {
  const { roll, comeAll } = threaded(sequence([1, 2]), { lost: [1, 2] })
  let hasFailed = false
  roll.addEventListener('error', () => (hasFailed = true))
  await comeAll()
  expect(hasFailed).toBe(true)
})

test('a clock steps it from frame to frame', async () => {
  const { roll, comeAll, numbers } = threaded(sequence([11, 12, 13]), { rate: 24 })
  const clock = new Clock()
  clock.drive()(roll)
  await comeAll()
  clock.step(1)
  clock.step(1)
  clock.step(1)
  clock.step(-1)
  expect(numbers()).toEqual([11, 12, 13, 12])
  expect(clock.duration).toBeCloseTo(3 / 24)
})

test('frames of their own lengths are found by the time at which each is seen', () => {
  const times = uneven([0.1, 0.4, 0.2])
  expect([times.count, times.duration].map((one) => Number(one.toFixed(3)))).toEqual([3, 0.7])
  expect([-1, 0, 0.09, 0.1, 0.3, 0.5, 0.69, 5].map((time) => times.at(time))).toEqual([0, 0, 0, 1, 1, 2, 2, 2])
  expect([0, 1, 2].map((frame) => times.at(times.middle(frame)))).toEqual([0, 1, 2])
})

test('each is seen as long as it says, and a step leads to the next one', async () => {
  const { roll, comeAll, numbers } = threaded(sequence([1, 2, 3]), { times: uneven([0.1, 0.4, 0.2]) })
  const clock = new Clock()
  clock.drive()(roll)
  await comeAll()
  clock.step(1)
  await comeAll()
  expect([clock.frame, clock.time, numbers().at(-1)]).toEqual([1, expect.closeTo(0.3), 2])
  clock.step(1)
  await comeAll()
  expect([clock.frame, clock.lastFrame, numbers().at(-1)]).toEqual([2, 2, 3])
  clock.seek(0)
  clock.play()
  await comeAll()
  await pass(350)
  expect(clock.frame).toBe(1)
  await pass(250)
  expect(clock.frame).toBe(2)
  clock.pause()
})
