/** The contact sheet: the film's folders as headings, and below each its shots as pictures. */

import type { Folder, Leaf, Node } from '../film/tree.ts'
import { type Box, cellsIn, fixedLayout, type Layout } from '../windowed/layout.ts'

export const CHAPTER = 44
export const SCENE = 34
const CAPTION = 42
const AFTER = 14

export interface ContactSheet extends Layout {
  entries: readonly (Folder | Leaf)[]
  columns: number
  /** Of a picture, pixels. */
  cellWidth: number
}

/** A layout for what is left to right as wide as that. */
export function sheetOf(tree: readonly Node[], width: number): ContactSheet {
  const isNarrow = width < 520
  const [padding, gap, least] = isNarrow ? [12, 10, 140] : [16, 14, 216]
  const { columns, width: cellWidth } = cellsIn(width - 2 * padding, least, gap)
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
