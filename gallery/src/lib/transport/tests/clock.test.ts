import { expect, test } from 'vitest'
import { frame, load, video } from '../../../tests/media.ts'
import { Clock } from '../clock.svelte.ts'
import { pace } from '../drift.ts'

function driven(...lengths: number[]): { clock: Clock; media: HTMLVideoElement[] } {
  const clock = new Clock()
  const media = lengths.map(video)
  media.forEach((element, slot) => clock.drive(slot)(element))
  return { clock, media }
}

test('the longest of two gives the length, and both go to the same moment', () => {
  const { clock, media } = driven(3, 5)
  expect(clock.duration).toBe(5)
  clock.seek(2)
  expect(media.map((element) => element.currentTime)).toEqual([2, 2])
})

test('the shorter one holds its last frame while the longer one plays on', async () => {
  const { clock, media } = driven(3, 5)
  const [short, long] = media as [HTMLVideoElement, HTMLVideoElement]
  clock.play()
  expect([short.paused, long.paused]).toEqual([false, false])
  long.currentTime = 4
  await frame()
  expect([short.paused, long.paused]).toEqual([true, false])
  expect([short.loop, long.loop]).toEqual([false, true])
  clock.pause()
})

test('both wait where one is not ready', async () => {
  const { clock, media } = driven(3, 3)
  clock.play()
  Object.assign(media[1] as object, { readyState: 1 })
  await frame()
  expect(media.map((element) => element.paused)).toEqual([true, true])
  expect(clock.playing).toBe(true)
  Object.assign(media[1] as object, { readyState: 4 })
  await frame()
  expect(media.map((element) => element.paused)).toEqual([false, false])
  clock.pause()
})

test('one frame on stops, and shows the next frame and no other', () => {
  const { clock, media } = driven(3)
  clock.rate = 24
  clock.play()
  clock.seek(1)
  clock.step(1)
  expect(clock.playing).toBe(false)
  expect(media[0]?.currentTime).toBeCloseTo(25.5 / 24)
  clock.step(-100)
  expect(media[0]?.currentTime).toBeCloseTo(0.5 / 24)
})

test('only the left one is heard, and none where it is silent', () => {
  const { clock, media } = driven(3, 5)
  expect(media.map((element) => element.muted)).toEqual([false, true])
  clock.muted = true
  expect(media.map((element) => element.muted)).toEqual([true, true])
})

test('forward again and again doubles the speed of both up to a limit, and to stop makes it usual again', () => {
  const { clock, media } = driven(3, 3)
  const speeds = [1, 2, 3, 4, 5].map(() => {
    clock.push(1)
    return media.map((element) => element.playbackRate)
  })
  expect(speeds).toEqual([1, 2, 4, 8, 8].map((speed) => [speed, speed]))
  clock.pause()
  expect(media.map((element) => element.playbackRate)).toEqual([1, 1])
})

test('what is faster than a browser can be is as fast as it can', () => {
  const { clock, media } = driven(3)
  clock.speed = 4
  for (let times = 0; times < 4; times += 1) clock.push(1)
  expect(media[0]?.playbackRate).toBe(16)
})

test('backwards it goes from frame to frame, all of them the same ones, and stops at the first', async () => {
  const { clock, media } = driven(3, 3)
  clock.loop = false
  clock.seek(0.5)
  clock.push(-1)
  expect(media.map((element) => element.paused)).toEqual([true, true])
  const seen = new Set<number>()
  while (clock.playing) {
    await frame()
    const [one, other] = media.map((element) => element.currentTime)
    expect(one).toBe(other)
    seen.add(clock.frame)
  }
  expect([...seen]).toEqual([...seen].sort((one, other) => other - one))
  expect([seen.size > 2, clock.frame, clock.shuttle]).toEqual([true, 0, 1])
})

test('a loop from mark to mark begins again behind its last frame', async () => {
  const { clock, media } = driven(3)
  const element = media[0] as HTMLVideoElement
  clock.step(10)
  clock.markFrom()
  clock.step(10)
  clock.markTo()
  expect([clock.marks.from, clock.marks.to]).toEqual([10, 20])
  clock.play()
  expect(element.loop).toBe(false)
  element.currentTime = 20.9 / 24
  await frame()
  expect(clock.frame).toBe(20)
  element.currentTime = 21.1 / 24
  await frame()
  expect(clock.frame).toBe(10)
  clock.pause()
  clock.markFrom()
  expect([clock.marks.from, clock.marks.to]).toEqual([null, 20])
})

test('a mark on the wrong side of the other one takes that away', () => {
  const { clock } = driven(3)
  clock.step(20)
  clock.markTo()
  clock.step(10)
  clock.markFrom()
  expect([clock.marks.from, clock.marks.to]).toEqual([30, null])
})

test('what stands still stands at the middle of a frame', () => {
  const { clock, media } = driven(3, 3)
  clock.play()
  for (const element of media) element.currentTime = 1.011
  clock.time = 1.011
  clock.pause()
  expect(media.map((element) => element.currentTime)).toEqual([24.5 / 24, 24.5 / 24])
})

test('the next one that is driven begins where it was, where that was asked for', () => {
  const { clock } = driven(3)
  clock.seek(1.5)
  clock.keep()
  const next = new Clock()
  const other = video(3)
  clock.drive(0)(other)
  expect([other.currentTime, next.time]).toEqual([1.5, 0])
})

test('a place that is asked for while it is still on its way is gone to afterwards', () => {
  const { clock, media } = driven(5)
  const element = media[0] as HTMLVideoElement
  clock.seek(1)
  Object.assign(element, { seeking: true })
  clock.seek(2)
  clock.seek(3)
  expect(element.currentTime).toBe(1)
  Object.assign(element, { seeking: false })
  element.dispatchEvent(new Event('seeked'))
  expect(element.currentTime).toBe(3)
})

test('where it goes last is where it stays, though an arrival is told of late', () => {
  const { clock, media } = driven(5)
  const element = media[0] as HTMLVideoElement
  clock.seek(1)
  Object.assign(element, { seeking: true })
  clock.seek(2)
  Object.assign(element, { seeking: false })
  clock.seek(3)
  element.dispatchEvent(new Event('seeked'))
  expect(element.currentTime).toBe(3)
})

test('one that cannot be decoded leaves the other one alone', () => {
  const { clock, media } = driven(3, 5)
  media[1]?.dispatchEvent(new Event('error'))
  expect(clock.duration).toBe(3)
})

test('without a loop it stays at its end, and plays from the start again', () => {
  const { clock, media } = driven(3)
  const element = media[0] as HTMLVideoElement
  clock.loop = false
  clock.play()
  element.currentTime = 3
  element.dispatchEvent(new Event('ended'))
  expect([clock.playing, clock.time]).toEqual([false, 3])
  clock.play()
  expect(element.currentTime).toBe(0)
  clock.pause()
})

test('one whose length comes later begins where the others are', () => {
  const { clock } = driven(5)
  clock.seek(2)
  const late = document.createElement('video')
  clock.drive(1)(late)
  load(late, 5)
  expect(late.currentTime).toBe(2)
})

const MOMENT = { leader: 1, follower: 1, length: 3, factor: 1, isTwin: false }

test('a follower that is a little late hurries until it is there', () => {
  expect(pace({ ...MOMENT, follower: 0.95 }).factor).toBeGreaterThan(1)
  expect(pace({ ...MOMENT, follower: 0.99 }).factor).toBe(1)
  expect(pace({ ...MOMENT, follower: 0.99, factor: 1.08 }).factor).toBeGreaterThan(1)
  expect(pace({ ...MOMENT, follower: 0.999, factor: 1.08 }).factor).toBe(1)
})

test('a follower that is far away jumps', () => {
  expect(pace({ ...MOMENT, follower: 2 })).toEqual({ seek: 1, factor: 1, isOver: false })
})

test('of two that are equally long, one that has begun again is not far from one that has not yet', () => {
  expect(pace({ ...MOMENT, leader: 0.01, follower: 2.999, isTwin: true })).toMatchObject({ seek: null, factor: 1 })
})
