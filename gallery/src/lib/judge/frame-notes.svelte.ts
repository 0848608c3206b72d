/** The notes of a take while it is played: which one is read, and whether another is being written at the frame that is shown. */

import type { Clock } from '../player/clock.svelte.ts'
import { frameAt, timeOf } from '../timecode.ts'
import type { Note, Take } from '../types.ts'
import { isAbout } from './notes.ts'

export class FrameNotes {
  isWriting = $state(false)
  readonly #take: () => Take

  constructor(
    readonly clock: Clock,
    take: () => Take,
  ) {
    this.#take = take
  }

  readonly frame = $derived.by(() => frameAt(this.clock.time, this.clock.rate))
  /** Those that are at a frame, with where that is, in hundredths of the whole. */
  readonly marks = $derived.by(() => this.#take().notes.flatMap((note) => this.#markOf(note)))
  /** Those that are about the frame that is shown, while it stands. */
  readonly shown = $derived.by(() =>
    this.clock.playing ? [] : this.#take().notes.filter((note) => isAbout(note, this.frame) && note.answers === null),
  )

  /** Write one, at the frame that is shown: it stands still meanwhile. */
  begin(): void {
    this.clock.pause()
    this.isWriting = true
  }

  goTo(frame: number): void {
    this.clock.pause()
    this.clock.seek(timeOf(frame, this.clock.rate))
  }

  #markOf(note: Note): { note: Note; from: number; to: number }[] {
    const frames = this.clock.duration * this.clock.rate
    if (note.frame === null || note.answers !== null || !(frames > 0)) return []
    const at = (frame: number): number => Math.min(100, (100 * frame) / frames)
    return [{ note, from: at(note.frame + 0.5), to: at((note.lastFrame ?? note.frame) + 0.5) }]
  }
}
