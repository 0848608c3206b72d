/** The contact sheet: the film's folders as headings, and below each its shots as pictures. */

import type { Folder, Leaf, Node } from '../film/tree.ts'
import { type Box, cellsIn, fixedLayout, type Layout } from '../windowed/layout.ts'

export const CHAPTER = 44
export const SCENE = 34
const CAPTION = 42
const AFTER = 14

/** Pixels that a picture is wide at most where there are few, and nobody has chosen. */
const WIDEST = 560

/** How many shots there are at most in one folder. */
function longestRow(nodes: readonly Node[]): number {
  const shots = nodes.filter((node) => node.kind === 'shot').length
  return Math.max(shots, ...nodes.map((node) => (node.kind === 'folder' ? longestRow(node.children) : 0)))
}

export interface ContactSheet extends Layout {
  entries: readonly (Folder | Leaf)[]
  columns: number
  /** Of a picture, pixels. */
  cellWidth: number
}

/**
 * A layout for what is left to right as wide as that; `card` is how wide a picture should be at least, where there is
 * room. Where nobody has chosen that, scenes of few shots have all of the width.
 */
export function sheetOf(tree: readonly Node[], width: number, card: number, isChosen = true): ContactSheet {
  const isNarrow = width < 520
  const [padding, gap, least] = isNarrow ? [12, 10, 140] : [16, 16, card]
  const most = isNarrow || isChosen ? undefined : Math.max(longestRow(tree), cellsIn(width, WIDEST, gap).columns + 1)
  const { columns, width: cellWidth } = cellsIn(width - 2 * padding, least, gap, most)
  const cellHeight = Math.round((cellWidth * 9) / 16) + CAPTION
  const entries: (Folder | Leaf)[] = []
  const boxes: Box[] = []
  let y = 0
  let column = 0

  function endRow(): void {
    if (column > 0) y += cellHeight + AFTER
    column = 0
  }

  function lay(node: Node): void {
    entries.push(node)
    if (node.kind === 'shot') {
      boxes.push({ x: padding + column * (cellWidth + gap), y, width: cellWidth, height: cellHeight })
      column += 1
      if (column === columns) endRow()
      return
    }
    endRow()
    const height = node.depth === 0 ? CHAPTER : SCENE
    boxes.push({ x: padding, y, width: width - 2 * padding, height })
    y += height
    // Pictures before folders: what lies in a chapter itself stands right below its name.
    for (const child of node.children) if (child.kind === 'shot') lay(child)
    for (const child of node.children) if (child.kind === 'folder') lay(child)
    endRow()
  }

  for (const node of tree) lay(node)
  endRow()
  return { ...fixedLayout(boxes, y + padding), entries, columns, cellWidth }
}
