/** The notes of a take while it is played: which one is read, and whether another is being written at the frame that is shown. */

import type { Clock } from '../transport/clock.svelte.ts'
import { isStill } from '../player/playable.ts'
import type { Colour, Kind } from '../sketch/strokes.ts'
import type { Note, Stroke, Take } from '../types.ts'
import { isAbout } from './notes.ts'

export class FrameNotes {
  isWriting = $state(false)
  /** What is drawn for the note that is being written, whether more of it is, and with what. */
  strokes = $state.raw<readonly Stroke[]>([])
  isDrawing = $state(false)
  pen = $state<{ kind: Kind; colour: Colour }>({ kind: 'pen', colour: 'yellow' })
  readonly #take: () => Take

  constructor(
    readonly clock: Clock,
    take: () => Take,
  ) {
    this.#take = take
  }

  readonly frame = $derived.by(() => this.clock.frame)
  /** Those that are at a frame, with where that is, in hundredths of the whole. */
  readonly marks = $derived.by(() => this.#take().notes.flatMap((note) => this.#markOf(note)))
  /** Those that are about the frame that is shown, while it stands. */
  readonly shown = $derived.by(() =>
    this.clock.playing ? [] : this.#take().notes.filter((note) => isAbout(note, this.frame) && note.answers === null),
  )

  /** What is seen of drawings: that of the note that is written, else those of the open notes that are shown. */
  readonly drawing = $derived.by(() => {
    if (this.isWriting) return this.strokes
    const take = this.#take()
    const notes = isStill(take) ? take.notes.filter(({ frame }) => frame === null) : this.shown
    return notes.filter(({ state }) => state === 'open').flatMap(({ drawing }) => drawing)
  })

  /** Write one, at the frame that is shown: it stands still meanwhile. */
  begin(isDrawn = false): void {
    this.clock.pause()
    this.isWriting = true
    this.isDrawing ||= isDrawn
  }

  end(): void {
    this.isWriting = this.isDrawing = false
    this.strokes = []
  }

  goTo(frame: number): void {
    this.clock.pause()
    this.clock.seek(this.clock.times.middle(frame))
  }

  #markOf(note: Note): { note: Note; from: number; to: number }[] {
    const { duration, times } = this.clock
    if (note.frame === null || note.answers !== null || duration === 0) return []
    const at = (frame: number): number => Math.min(100, (100 * times.start(frame)) / duration)
    return [{ note, from: at(note.frame), to: at(note.lastFrame ?? note.frame) }]
  }
}
