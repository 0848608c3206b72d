/** The keys of the grid of takes. */

import { FILMSTRIP_FRAMES } from '../api.ts'
import type { Desk } from '../app/desk.svelte.ts'
import { clamp } from '../clamp.ts'
import { cellAfter } from './moves.ts'

/** Which frame of the current take's filmstrip the keys have come to; null while its picture is shown. */
export class Scrubbing {
  frame = $state<number | null>(null)

  step(delta: 1 | -1): void {
    const from = this.frame ?? (delta > 0 ? -1 : FILMSTRIP_FRAMES)
    this.frame = clamp(from + delta, 0, FILMSTRIP_FRAMES - 1)
  }

  stop(): void {
    this.frame = null
  }
}

interface Around {
  desk: Desk
  columns: number
  /** How many rows are seen at once. */
  rows: number
  scrubbing: Scrubbing
}

export function onGridKey(event: KeyboardEvent, around: Around): void {
  if (event.altKey || event.isComposing) return
  if (move(event, around) || act(event, around)) event.preventDefault()
}

function move(event: KeyboardEvent, { desk, columns, rows }: Around): boolean {
  const from = Math.max(0, desk.ids.indexOf(desk.selection.current ?? ''))
  const to = cellAfter(event.key, from, desk.ids.length, columns, rows)
  const id = to === null ? undefined : desk.ids[to]
  if (id === undefined) return false
  desk.select(id, event.shiftKey ? 'extend' : 'only')
  return true
}

function act(event: KeyboardEvent, { desk, scrubbing }: Around): boolean {
  const isCommand = event.ctrlKey || event.metaKey
  if (isCommand && event.key.toLowerCase() === 'a') desk.selection.all(desk.ids)
  else if (isCommand && event.key === ' ' && desk.selection.current) desk.select(desk.selection.current, 'toggle')
  else if (isCommand) return false
  else return actOnCurrent(event.key, desk, scrubbing)
  return true
}

function actOnCurrent(key: string, desk: Desk, scrubbing: Scrubbing): boolean {
  switch (key) {
    case ' ':
      desk.play()
      return true
    case 'Enter':
      if (desk.current) void desk.activate(desk.current)
      return true
    case 'Delete':
    case 'Backspace':
      void desk.delete(desk.selected)
      return true
    case '.':
    case ',':
      scrubbing.step(key === '.' ? 1 : -1)
      return true
    case 'Escape':
      if (scrubbing.frame === null) return false
      scrubbing.stop()
      return true
    default:
      return false
  }
}
