import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LiveProject } from '../lib/data/live-project.svelte.ts'
import { aTake, GULLS, inTheMaking } from './samples.ts'
import { World } from './world.ts'

const PATH = '01_Harbour/01_Dawn/001_Gulls'
const LIST = `GET /api/projects/myfilm/shots/${GULLS}/takes`
const ROWS = 'GET /api/projects/myfilm/shots'

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

describe('following', () => {
  test('why a queued take has to wait is seen, though it is in no log', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const runner = { kind: 'comfyui', queued: 1, running: 0, problem: null, inputs: null } as const
      world.status = { runner }
      live = new LiveProject('myfilm')
      await live.begin()
      world.status = { runner: { ...runner, problem: 'ComfyUI cannot be reached' } }
      await vi.advanceTimersByTimeAsync(6_000)
      expect(live.status?.runner?.problem).toBe('ComfyUI cannot be reached')
    } finally {
      vi.useRealTimers()
    }
  })

  test('what was put where nothing takes it is seen, though it is in no log', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      live = new LiveProject('myfilm')
      await live.begin()
      world.status = { notTaken: [{ path: 'render.mp4', reason: 'it lies in no shot' }] }
      await vi.advanceTimersByTimeAsync(25_000)
      expect(live.status?.notTaken).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a take that is dropped appears, and its shot counts it', async () => {
    await open()
    drop(2)
    await expect.poll(numbers).toEqual([1, 2])
    await expect.poll(() => live.shots.byId.get(GULLS)?.takeCount).toBe(2)
  })

  test('of a take that is dropped nothing but that take is asked for', async () => {
    await open()
    const before = world.countOf(LIST)
    drop(2)
    await expect.poll(numbers).toEqual([1, 2])
    expect(world.countOf(LIST)).toBe(before)
    expect(world.countOf(`${LIST}/take_002`)).toBe(1)
  })

  test('what happens to the active take is asked for as a list, since it changes two takes', async () => {
    await open()
    const before = world.countOf(LIST)
    world.tell('take.activated', 1)
    await expect.poll(() => world.countOf(LIST)).toBe(before + 1)
  })

  test('a take that is gone by the time it is asked for is not shown', async () => {
    await open()
    world.tell('take.created', 7)
    await expect.poll(() => world.countOf(`${LIST}/take_007`)).toBe(1)
    expect(numbers()).toEqual([1])
  })

  test('the lists of a shot and of the shots are asked for once', async () => {
    await open()
    expect([world.countOf(LIST), world.countOf(ROWS)]).toEqual([1, 1])
  })

  test('a shot that is shown while the stream is being opened is asked for, too', async () => {
    world.add('01_Harbour/01_Dawn/002_Boat', [aTake(4)])
    live = new LiveProject('myfilm')
    void live.begin()
    await expect.poll(() => world.sources.length).toBe(1)
    live.show('01_Harbour:01_Dawn:002_Boat')
    await expect.poll(numbers).toEqual([4])
  })

  test('the stream begins where the lists stand', async () => {
    drop(2)
    drop(3)
    await open()
    expect(world.stream.after).toBe(2)
  })

  test('the stream begins where the index stands, where that is behind the log', async () => {
    drop(2)
    world.status = { position: 1, projections: [{ name: 'index', position: 0, behind: 1 }] }
    await open()
    expect(world.sources[0]!.after).toBe(0)
  })

  test('an event of another shot asks for that row alone', async () => {
    world.add('01_Harbour/01_Dawn/002_Boat')
    await open()
    const before = world.countOf(LIST)
    world.tell('take.created', 1, '01_Harbour:01_Dawn:002_Boat')
    await expect.poll(() => world.countOf('GET /api/projects/myfilm/shots/01_Harbour:01_Dawn:002_Boat')).toBe(1)
    expect(world.countOf(LIST)).toBe(before)
    expect(world.countOf(ROWS)).toBe(1)
  })

  test('a new shot appears', async () => {
    await open()
    world.add('01_Harbour/01_Dawn/002_Boat')
    world.tell('shot.registered', undefined, '01_Harbour:01_Dawn:002_Boat')
    await expect.poll(() => live.shots.list.length).toBe(2)
  })

  test('a burst of hundreds of events costs a few questions, and ends with the last of them', async () => {
    await open()
    const before = world.asked.length
    for (let number = 2; number <= 300; number += 1) drop(number)
    await expect.poll(() => numbers().length).toBe(300)
    expect(world.asked.length - before).toBeLessThan(12)
  })

  test('a burst over many shots asks for all rows at once', async () => {
    const paths = Array.from({ length: 40 }, (_, index) => `02_Sea/${String(index).padStart(3, '0')}_Wave`)
    paths.forEach((path) => world.add(path))
    await open()
    paths.forEach((path) => world.tell('take.created', 1, path.replaceAll('/', ':')))
    await expect.poll(() => world.countOf(ROWS)).toBeGreaterThan(1)
    expect(world.asked.filter((one) => one.includes('_Wave')).length).toBeLessThan(12)
  })

  test('what has not changed stays the same object, so that it is not drawn again', async () => {
    await open()
    const first = live.shown?.takes[0]
    drop(2)
    await expect.poll(numbers).toEqual([1, 2])
    expect(live.shown?.takes[0]).toBe(first)
  })
})

describe('in the making', () => {
  test('progress changes nothing but progress', async () => {
    world.takes.set(GULLS, [inTheMaking(2, { stage: 'running' })])
    await open()
    const before = world.asked.length
    world.progress({ shotId: GULLS, takeId: 'take_002', fraction: 0.5, message: null })
    expect(live.progress.progressOf(GULLS, 'take_002')?.fraction).toBe(0.5)
    expect(world.asked.length).toBe(before)
  })

  test('what is made has no progress any more', async () => {
    world.takes.set(GULLS, [inTheMaking(2, { stage: 'running' })])
    await open()
    world.progress({ shotId: GULLS, takeId: 'take_002', fraction: 0.5, message: null })
    world.tell('take.completed', 2)
    expect(live.progress.progressOf(GULLS, 'take_002')).toBeNull()
  })
})
