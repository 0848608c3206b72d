/** The notes of a take as they are read while it is played: where on the timeline they are, and what is seen of them at the frame that is shown. */

import type { Clock } from '../transport/clock.svelte.ts'
import type { Note } from '../types.ts'
import { isAbout } from './notes.ts'

/** What notes are on: a take, or as much of one as a guest is told. */
export interface Noted {
  notes: readonly Note[]
  /** Whether it has one frame alone. */
  isStill: boolean
}

export class ReadNotes {
  readonly #noted: () => Noted

  constructor(
    readonly clock: Clock,
    noted: () => Noted,
  ) {
    this.#noted = noted
  }

  readonly frame = $derived.by(() => this.clock.frame)
  /** Those that are at a frame, with where that is, in hundredths of the whole. */
  readonly marks = $derived.by(() => this.#noted().notes.flatMap((note) => this.#markOf(note)))
  /** Those that are about the frame that is shown, while it stands. */
  readonly shown = $derived.by(() =>
    this.clock.playing ? [] : this.#noted().notes.filter((note) => isAbout(note, this.frame) && note.answers === null),
  )

  /** What is seen of drawings: those of the open notes that are shown. */
  readonly drawn = $derived.by(() => {
    const { notes, isStill } = this.#noted()
    const seen = isStill ? notes.filter(({ frame }) => frame === null) : this.shown
    return seen.filter(({ state }) => state === 'open').flatMap(({ drawing }) => drawing)
  })

  goTo(frame: number): void {
    this.clock.pause()
    this.clock.seek(this.clock.times.middle(frame))
  }

  /** Go to the note that stands before the frame that is shown, or after it. */
  step(delta: 1 | -1): void {
    const frames = this.marks.map(({ note }) => note.frame ?? 0).sort((one, other) => one - other)
    const next = delta > 0 ? frames.find((one) => one > this.frame) : frames.findLast((one) => one < this.frame)
    if (next !== undefined) this.goTo(next)
  }

  #markOf(note: Note): { note: Note; from: number; to: number }[] {
    const { duration, times } = this.clock
    if (note.frame === null || note.answers !== null || duration === 0) return []
    const at = (frame: number): number => Math.min(100, (100 * times.start(frame)) / duration)
    return [{ note, from: at(note.frame), to: at(note.lastFrame ?? note.frame) }]
  }
}
