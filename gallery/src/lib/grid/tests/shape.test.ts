import { expect, test } from 'vitest'
import { gridLayout } from '../../windowed/layout.ts'
import { shapeFor } from '../shape.ts'

function widthOfCard(count: number, width: number): number {
  return gridLayout(count, { ...shapeFor(count, width, 220), width }).cell.width
}

test('on a narrow page two cards stand side by side, and one that is alone has all of the width', () => {
  expect(widthOfCard(2, 390)).toBe(178)
  expect(widthOfCard(1, 390)).toBe(366)
})

test('on a wide page a card that is alone is as wide as one among many', () => {
  expect(widthOfCard(1, 600)).toBe(widthOfCard(2, 600))
})
