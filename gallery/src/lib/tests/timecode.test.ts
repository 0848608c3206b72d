import { expect, test } from 'vitest'
import { frameAt, spokenTime, timecode, timeOf } from '../timecode.ts'

test('a moment is told in minutes, seconds and frames', () => {
  expect(timecode(0, 24)).toBe('0:00.00')
  expect(timecode(65.5, 24)).toBe('1:05.12')
  expect(timecode(59.999999, 24)).toBe('1:00.00')
  expect(spokenTime(65.5, 24)).toBe('1 minute 5 seconds 12 frames')
})

test.each([24, 23.976, 29.97, 30, 60])('at %d frames a second every frame is found again at its own time', (rate) => {
  for (let frame = 0; frame < 500; frame += 1) expect(frameAt(timeOf(frame, rate), rate)).toBe(frame)
})
