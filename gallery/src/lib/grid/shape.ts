/** The measures of the grid of takes, in pixels. */

import type { GridShape } from '../windowed/layout.ts'

type Shape = Omit<GridShape, 'width'>

const SHAPE = { padding: 16, gap: 16, caption: 46 }

/** On a narrow page two cards stand side by side. */
const NARROW: Shape = { padding: 12, gap: 10, least: 150, caption: 46 }

/** The measures on a page of that width; `card` is how wide one should be at least, where there is room. */
export function shapeFor(width: number, card: number): Shape {
  return width < 520 ? NARROW : { ...SHAPE, least: card }
}
