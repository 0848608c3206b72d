import { expect, test } from 'vitest'
import { FLOOR, heard, SILENT } from '../levels.svelte.ts'

const samples = (...all: number[]): Float32Array => Float32Array.from(all)

test('half of what can be is 6 dB below it, and silence is the floor', () => {
  expect(heard(SILENT, samples(0.1, -0.5), 1, 0.02).now).toBeCloseTo(-6.02)
  expect(heard(SILENT, samples(), 1, 0.02).now).toBe(FLOOR)
})

test('a level rises at once, and falls by 20 dB in 1.7 seconds', () => {
  const loud = heard(SILENT, samples(1), 1, 0.02)
  expect(loud.now).toBe(0)
  expect(heard(loud, samples(0.001), 2.7, 1.7).now).toBeCloseTo(-20)
})

test('a peak is held for a second and a half, and falls after that', () => {
  const loud = heard(SILENT, samples(1), 1, 0.02)
  const held = heard(loud, samples(0.1), 2.4, 1.4)
  expect([held.peak, held.now < -15]).toEqual([0, true])
  expect(heard(held, samples(0.1), 2.6, 0.2).peak).toBeCloseTo(-2.35, 1)
})

test('what was as loud as can be is remembered', () => {
  const over = heard(SILENT, samples(1), 1, 0.02)
  expect([over.isOver, heard(over, samples(), 9, 8).isOver, heard(SILENT, samples(0.99), 1, 0.02).isOver]).toEqual([true, true, false])
})
