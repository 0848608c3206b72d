/** The measures of the grid of takes, in pixels. */
export const SHAPE = { padding: 16, gap: 16, least: 216, caption: 46 } as const

/** On a narrow page two cards stand side by side. */
export const NARROW_SHAPE = { padding: 12, gap: 10, least: 150, caption: 46 } as const

export function shapeFor(width: number): typeof SHAPE | typeof NARROW_SHAPE {
  return width < 520 ? NARROW_SHAPE : SHAPE
}
