/** The band: a box that is drawn over the grid with the pointer; what it touches is selected. */

import type { Box, Layout } from '../windowed/layout.ts'

/** Pixels that the pointer has to go before it draws: less is a click. */
const SLACK = 6

export class Band {
  /** In the coordinates of the whole page of takes; null while nothing is drawn. */
  box = $state<Box | null>(null)
  #wasDrawn = false

  /** Begin where the pointer is, and tell which cells are touched each time it moves. */
  begin(event: PointerEvent, layout: () => Layout, tell: (touched: number[]) => void): void {
    const page = event.currentTarget
    if (event.button !== 0 || event.pointerType === 'touch' || !(page instanceof HTMLElement)) return
    if (event.target instanceof Element && event.target.closest('[draggable="true"]')) return
    const start = place(page, event)
    const ended = new AbortController()
    const { signal } = ended
    const move = (now: PointerEvent): void => {
      const box = between(start, place(page, now))
      if (!this.box && Math.max(box.width, box.height) < SLACK) return
      if (!this.box) page.setPointerCapture(event.pointerId)
      this.box = box
      tell(touched(box, layout()))
    }
    const end = (): void => {
      ended.abort()
      this.#wasDrawn = this.box !== null
      this.box = null
    }
    this.#wasDrawn = false
    page.addEventListener('pointermove', move, { signal })
    page.addEventListener('pointerup', end, { signal })
    page.addEventListener('pointercancel', end, { signal })
  }

  /** Whether the click that comes now is the end of what was drawn. */
  get isClick(): boolean {
    return !this.#wasDrawn
  }
}

function place(page: HTMLElement, { clientX, clientY }: PointerEvent): { x: number; y: number } {
  const { left, top } = page.getBoundingClientRect()
  return { x: clientX - left, y: clientY - top + page.scrollTop }
}

function between(one: { x: number; y: number }, other: { x: number; y: number }): Box {
  return {
    x: Math.min(one.x, other.x),
    y: Math.min(one.y, other.y),
    width: Math.abs(one.x - other.x),
    height: Math.abs(one.y - other.y),
  }
}

function touched(box: Box, layout: Layout): number[] {
  const { first, end } = layout.between(box.y, box.y + box.height)
  const indices = Array.from({ length: end - first }, (_, offset) => first + offset)
  return indices.filter((index) => {
    const cell = layout.box(index)
    return (
      cell.x < box.x + box.width &&
      cell.x + cell.width > box.x &&
      cell.y < box.y + box.height &&
      cell.y + cell.height > box.y
    )
  })
}
