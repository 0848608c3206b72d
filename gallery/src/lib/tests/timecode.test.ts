import { expect, test } from 'vitest'
import { frameAt, spokenTime, timecode, timeOf } from '../timecode.ts'

test('a moment is told in minutes, seconds and frames', () => {
  expect(spokenTime(65.5, 24)).toBe('1 minute 5 seconds 12 frames')
})

test.each([
  [0, 24, '00:00:00:00'],
  [1572, 24, '00:01:05:12'],
  [1572, 23.976, '00:01:05:12'],
  [24 * 86_400 + 1, 24, '00:00:00:01'],
  [1799, 29.97, '00:00:59;29'],
  [1800, 29.97, '00:01:00;02'],
  [17_981, 29.97, '00:09:59;29'],
  [17_982, 29.97, '00:10:00;00'],
  [17_982 + 1800, 29.97, '00:11:00;02'],
  [107_892, 30_000 / 1001, '01:00:00;00'],
  [3599, 59.94, '00:00:59;59'],
  [3600, 59.94, '00:01:00;04'],
  [35_964, 59.94, '00:10:00;00'],
  [1800, 30, '00:01:00:00'],
])('frame %d at %d frames a second is %s', (frame, rate, code) => {
  expect(timecode(frame, rate)).toBe(code)
})

test.each([
  [0, 24, '01:00:00:00', '01:00:00:00'],
  [25, 25, '09:59:59:24', '10:00:00:24'],
  [2, 29.97, '00:59:59;28', '01:00:00;00'],
  [1, 29.97, '00:00:59;29', '00:01:00;02'],
  [1, 29.97, '00:00:59:29', '00:01:00:00'],
  [0, 24, 'nonsense', '00:00:00:00'],
])('frame %d at %d frames a second of what begins at %s is %s', (frame, rate, start, code) => {
  expect(timecode(frame, rate, start)).toBe(code)
})

/** Every number that there is at 30 a second, but for the first two of each minute that is no tenth. */
function* dropFrames(minutes: number) {
  for (let second = 0; second < minutes * 60; second += 1)
    for (let frame = 0; frame < 30; frame += 1)
      if (second % 60 !== 0 || frame > 1 || Math.floor(second / 60) % 10 === 0) yield [Math.floor(second / 60), second % 60, frame] as const
}

test('drop-frame leaves out two numbers of each minute that is no tenth, and no frame', () => {
  let frame = 0
  for (const [minute, second, number] of dropFrames(21)) {
    const told = [minute, second, number].map((part) => String(part).padStart(2, '0'))
    expect(timecode(frame++, 29.97)).toBe(`00:${told[0]}:${told[1]};${told[2]}`)
  }
})

test.each([24, 23.976, 29.97, 30, 60])('at %d frames a second every frame is found again at its own time', (rate) => {
  for (let frame = 0; frame < 500; frame += 1) expect(frameAt(timeOf(frame, rate), rate)).toBe(frame)
})
