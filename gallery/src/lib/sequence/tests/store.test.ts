import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadPicture } from '../store.ts'

/** How often a picture cannot be had before it can. */
let failures = 0
let asked = 0

class Busy {
  src = ''
  naturalWidth = 640
  naturalHeight = 360

  decode(): Promise<void> {
    asked += 1
    return asked > failures ? Promise.resolve() : Promise.reject(new Error('The source image cannot be decoded.'))
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('Image', Busy)
  asked = 0
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a frame that cannot be had for a moment is asked for again', async () => {
  failures = 2
  const picture = loadPicture('/frames/1001')
  await vi.runAllTimersAsync()
  expect((await picture).width).toBe(640)
})

test('one that cannot be had at all is given up in the end', async () => {
  failures = Infinity
  const picture = expect(loadPicture('/frames/1001')).rejects.toThrow()
  await vi.runAllTimersAsync()
  await picture
  expect(asked).toBe(3)
})
