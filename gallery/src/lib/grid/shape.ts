/** The measures of the grid of takes, in pixels. */

import type { GridShape } from '../windowed/layout.ts'

type Shape = Omit<GridShape, 'width'>

const SHAPE = { padding: 16, gap: 16, caption: 46 }

/** On a narrow page two cards stand side by side. */
const NARROW: Shape = { padding: 12, gap: 10, least: 150, caption: 46 }

/** With so many takes at most, the chosen one is shown large above a strip of them; pixels of a card there, and how high the page has to be. */
const FEW = { most: 6, least: 150, widest: 208, high: 460 }

/** The width of the strip, pixels; null where the takes are a grid, since they are many, or there is no room. */
export function stripWidth(count: number, width: number, height: number): number | null {
  const { padding, gap } = SHAPE
  const widthOf = (card: number): number => 2 * padding + count * (card + gap) - gap
  if (count === 0 || count > FEW.most || height < FEW.high || width < 720 || width < widthOf(FEW.least)) return null
  return Math.min(width, widthOf(FEW.widest))
}

/** The measures of so many on a page of that width; `card` is how wide one should be at least, where there is room. */
export function shapeFor(count: number, width: number, card: number): Shape {
  if (width >= 520) return { ...SHAPE, least: card }
  return count === 1 ? { ...NARROW, most: 1 } : NARROW
}
