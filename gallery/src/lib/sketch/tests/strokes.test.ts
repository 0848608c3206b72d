import { expect, test } from 'vitest'
import type { Stroke } from '../../types.ts'
import { drawnTo, hasRoom, isDone, MOST, pathOf, shareOf } from '../strokes.ts'

const PEN: Stroke = { kind: 'pen', points: [0.1, 0.2] }

test('a pen has a point for each move that is one, and an arrow only its end', () => {
  expect(drawnTo(drawnTo(PEN, [0.5, 0.5]), [0.5001, 0.5]).points).toEqual([0.1, 0.2, 0.5, 0.5])
  const arrow: Stroke = { ...PEN, kind: 'arrow' }
  expect(drawnTo(drawnTo(arrow, [0.5, 0.5]), [0.9, 0.5]).points).toEqual([0.1, 0.2, 0.9, 0.5])
})

test('a place is a share of the picture, never outside of it, in tenths of a thousandth', () => {
  const box = new DOMRect(100, 50, 300, 200)
  expect(shareOf(box, 200, 100)).toEqual([0.3333, 0.25])
  expect(shareOf(box, 0, 900)).toEqual([0, 1])
})

test('it lies on a picture of any shape, and an arrow has a head', () => {
  expect(pathOf({ ...PEN, points: [0, 0, 0.5, 1] }, 1600)).toBe('M0 0L800 1000')
  expect(pathOf({ kind: 'arrow', points: [0, 0.5, 1, 0.5] }, 1000)).toBe('M0 500L1000 500M956 520L1000 500M956 480L1000 500')
})

test('a click is no stroke, and a text without words none either', () => {
  expect([isDone(PEN), isDone(drawnTo(PEN, [1, 1]))]).toEqual([false, true])
  expect([isDone({ ...PEN, kind: 'text', text: ' ' }), isDone({ ...PEN, kind: 'text', text: 'so' })]).toEqual([false, true])
})

test('a drawing has its limits', () => {
  expect(hasRoom([PEN])).toBe(true)
  expect(hasRoom(Array.from({ length: MOST.strokes }, () => PEN))).toBe(false)
  expect(hasRoom([{ ...PEN, points: Array.from({ length: 2 * MOST.points }, () => 0.5) }])).toBe(false)
})
