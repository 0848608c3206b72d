import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LiveProject } from '../lib/data/live-project.svelte.ts'
import { aRefusal, aTake, GULLS } from './samples.ts'
import { World } from './world.ts'

const PATH = '01_Harbour/01_Dawn/001_Gulls'
const ROW = `GET /api/projects/myfilm/shots/${GULLS}`

let world: World
let live: LiveProject

beforeEach(() => {
  world = new World()
  world.add(PATH, [aTake(1, { active: true })])
})

afterEach(() => live.close())

async function open(shot: string | null = GULLS): Promise<void> {
  live = new LiveProject('myfilm')
  live.show(shot)
  await live.begin()
  await expect.poll(() => live.connection).toBe('open')
}

function numbers(): number[] {
  return live.shown?.takes.map((take) => take.number) ?? []
}

/** A take as it would be after a drop: in the list, and in the log. */
function drop(number: number): void {
  world.takes.set(GULLS, [...(world.takes.get(GULLS) ?? []), aTake(number)])
  world.shots = world.shots.map((shot) => (shot.id === GULLS ? { ...shot, takeCount: number } : shot))
  world.tell('take.completed', number)
}

test('what was seen stays, and the page says that it may be old', async () => {
  await open()
  world.leave()
  expect(live.connection).toBe('away')
  expect(numbers()).toEqual([1])
})

test('it goes on from the last position, and misses nothing', async () => {
  await open()
  drop(2)
  await expect.poll(numbers).toEqual([1, 2])
  world.leave()
  drop(3)
  drop(4)
  world.isAway = false
  await expect.poll(() => live.connection).toBe('open')
  expect(world.stream.after).toBe(1)
  await expect.poll(numbers).toEqual([1, 2, 3, 4])
})

test('what was heard, and could not be asked for any more, is seen later', async () => {
  await open()
  drop(2)
  world.isAway = true
  await expect.poll(() => live.connection).toBe('away')
  expect(numbers()).toEqual([1])
  world.isAway = false
  await expect.poll(() => live.connection).toBe('open')
  await expect.poll(numbers).toEqual([1, 2])
  await expect.poll(() => live.shots.byId.get(GULLS)?.takeCount).toBe(2)
})

test('an event that is heard twice is done once', async () => {
  await open()
  drop(2)
  await expect.poll(numbers).toEqual([1, 2])
  const before = world.countOf(ROW)
  world.stream.send('take.completed', world.log[0])
  await Promise.resolve()
  expect(world.countOf(ROW)).toBe(before)
})

test('a stream that ends while the daemon is there is taken up again', async () => {
  await open()
  world.stream.onerror?.()
  await expect.poll(() => live.connection).toBe('open')
  expect(world.sources.length).toBe(2)
  expect(world.sources[0]!.isClosed).toBe(true)
})

test('another log makes everything be asked for anew', async () => {
  drop(2)
  await open()
  world.leave()
  Object.assign(world, { isAway: false, logId: 'log-2', log: [] })
  world.takes.set(GULLS, [aTake(7)])
  await expect.poll(numbers).toEqual([7])
  expect(world.stream.after).toBe(0)
  expect(live.connection).toBe('open')
})

test('a log that has become shorter does too', async () => {
  drop(2)
  drop(3)
  await open()
  world.leave()
  Object.assign(world, { isAway: false, log: [] })
  world.takes.set(GULLS, [aTake(1)])
  await expect.poll(numbers).toEqual([1])
  await expect.poll(() => live.connection).toBe('open')
})

test('the progress of the lost connection is forgotten', async () => {
  await open()
  world.progress({ shotId: GULLS, takeId: 'take_002', fraction: 0.5, message: null })
  world.leave()
  world.isAway = false
  await expect.poll(() => live.connection).toBe('open')
  expect(live.progress.progressOf(GULLS, 'take_002')).toBeNull()
})

test('a browser that is not let in any more is told so', async () => {
  await open()
  world.refusal = aRefusal(401, 'Unauthorized', 'no token')
  world.stream.onerror?.()
  await expect.poll(() => live.connection).toBe('locked')
})

test('a suspended project tells why, and goes on when it is back', async () => {
  await open()
  world.projects[0] = { ...world.projects[0]!, state: 'suspended', reason: 'the disk is not mounted' }
  world.stream.onerror?.()
  await expect.poll(() => live.connection).toBe('suspended')
  expect(live.reason).toBe('the disk is not mounted')
  world.projects[0] = { ...world.projects[0], state: 'live', reason: null }
  await expect.poll(() => live.connection).toBe('open')
})

test('a page that is hidden for long lets go, and hears what it missed when it is seen', async () => {
  await open()
  live.rest()
  expect(world.stream.isClosed).toBe(true)
  drop(2)
  live.wake()
  await expect.poll(numbers).toEqual([1, 2])
  expect(live.connection).toBe('open')
})

test('nothing is asked any more once it is closed', async () => {
  await open()
  live.close()
  const before = world.asked.length
  vi.useFakeTimers()
  world.stream.onerror?.()
  await vi.advanceTimersByTimeAsync(10_000)
  vi.useRealTimers()
  expect(world.asked.length).toBe(before)
})
