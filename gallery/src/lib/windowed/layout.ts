/** Layouts: where things are on a long page, and which of them are near enough to be drawn. */

import { clamp } from '../clamp.ts'

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** A page of many boxes, from top to bottom. */
export interface Layout {
  count: number
  height: number
  box(index: number): Box
  /** The boxes from `first` up to but not including `end` that touch the part between `top` and `bottom`. */
  between(top: number, bottom: number): { first: number; end: number }
}

export interface Cells {
  columns: number
  /** Pixels. */
  width: number
}

/** As many columns of at least `least` pixels as there is room for. */
export function cellsIn(width: number, least: number, gap: number, most = Infinity): Cells {
  const columns = Math.min(most, Math.max(1, Math.floor((width + gap) / (least + gap))))
  return { columns, width: Math.max(0, Math.floor((width - gap * (columns - 1)) / columns)) }
}

export interface GridShape {
  /** Of the page, with its padding. */
  width: number
  padding: number
  gap: number
  /** The least width of a cell. */
  least: number
  /** The most cells in a row. */
  most?: number
  /** What a cell needs below its picture of 16:9. */
  caption: number
}

export interface Grid extends Layout {
  columns: number
  cell: { width: number; height: number }
}

/** Cells of one size in rows. */
export function gridLayout(count: number, { width, padding, gap, least, most, caption }: GridShape): Grid {
  const { columns, width: cellWidth } = cellsIn(width - 2 * padding, least, gap, most)
  const height = Math.round((cellWidth * 9) / 16) + caption
  const rows = Math.ceil(count / columns)
  const step = height + gap
  return {
    count,
    columns,
    cell: { width: cellWidth, height },
    height: rows ? 2 * padding + rows * step - gap : 0,
    box: (index) => ({
      x: padding + (index % columns) * (cellWidth + gap),
      y: padding + Math.floor(index / columns) * step,
      width: cellWidth,
      height,
    }),
    between: (top, bottom) => {
      const first = clamp(Math.floor((top - padding) / step), 0, rows)
      const end = clamp(Math.ceil((bottom - padding) / step), first, rows)
      return { first: first * columns, end: Math.min(count, end * columns) }
    },
  }
}

/** Rows of one height. */
export function listLayout(count: number, width: number, height: number): Layout {
  return {
    count,
    height: count * height,
    box: (index) => ({ x: 0, y: index * height, width, height }),
    between: (top, bottom) => {
      const first = clamp(Math.floor(top / height), 0, count)
      return { first, end: clamp(Math.ceil(bottom / height), first, count) }
    },
  }
}

/** Boxes that are known beforehand, from top to bottom. */
export function fixedLayout(boxes: readonly Box[], height: number): Layout {
  return {
    count: boxes.length,
    height,
    box: (index) => boxes[index] ?? { x: 0, y: 0, width: 0, height: 0 },
    between: (top, bottom) => {
      const first = firstThat(boxes.length, (index) => endOf(boxes[index]) > top)
      const end = firstThat(boxes.length, (index) => (boxes[index]?.y ?? 0) >= bottom)
      return { first, end: Math.max(first, end) }
    },
  }
}

function endOf(box: Box | undefined): number {
  return box ? box.y + box.height : 0
}

/** The first index for which it holds, where it holds for all that follow; `count` where for none. */
function firstThat(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
