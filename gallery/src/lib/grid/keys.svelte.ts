/** The keys of the grid of takes. */

import { FILMSTRIP_FRAMES } from '../api.ts'
import type { Desk } from '../app/desk.svelte.ts'
import { clamp } from '../clamp.ts'
import { press } from '../keys/press.ts'
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
  onopen: () => void
}

export function onGridKey(event: KeyboardEvent, around: Around): void {
  const { desk, scrubbing, onopen } = around
  const { current, selection } = desk
  const go = (): void => move(event, around)
  press(event, 'takes', {
    move: go,
    page: go,
    ends: go,
    extend: go,
    all: () => void desk.selectAll(),
    copy: getSelection()?.isCollapsed === false ? undefined : () => void desk.copyPaths(),
    pick: () => selection.current && desk.select(selection.current, 'toggle'),
    play: () => desk.play(),
    open: onopen,
    activate: () => current && void desk.activate(current),
    frameBack: () => scrubbing.step(-1),
    frameOn: () => scrubbing.step(1),
    picture: scrubbing.frame === null ? undefined : () => scrubbing.stop(),
    delete: () => void desk.delete(desk.selected),
    rate: () => void desk.judge(desk.selected, { rating: Number(event.key) }),
    choose: () => void desk.judge(desk.selected, { mark: 'pick' }),
    reject: () => void desk.judge(desk.selected, { mark: 'reject' }),
    unmark: () => void desk.judge(desk.selected, { mark: 'none' }),
    tag: () => desk.open('tags'),
    note: () => desk.open('note'),
    cull: () => desk.open('cull'),
  })
}

function move(event: KeyboardEvent, { desk, columns, rows }: Around): void {
  const from = Math.max(0, desk.keys.indexOf(desk.selection.current ?? ''))
  const to = cellAfter(event.key, from, desk.keys.length, columns, rows)
  if (to !== null) void desk.selectAt(to, event.shiftKey ? 'extend' : 'only')
}
