/** The notes of a take while it is played, and the one that is being written at the frame that is shown. */

import { isStill } from '../player/playable.ts'
import type { Colour, Kind } from '../sketch/strokes.ts'
import type { Clock } from '../transport/clock.svelte.ts'
import type { Stroke, Take } from '../types.ts'
import { ReadNotes } from './read-notes.svelte.ts'

export class FrameNotes extends ReadNotes {
  isWriting = $state(false)
  /** What is drawn for the note that is being written, whether more of it is, and with what. */
  strokes = $state.raw<readonly Stroke[]>([])
  isDrawing = $state(false)
  pen = $state<{ kind: Kind; colour: Colour }>({ kind: 'pen', colour: 'yellow' })

  constructor(clock: Clock, take: () => Take) {
    super(clock, () => ({ notes: take().notes, isStill: isStill(take()) }))
  }

  /** What is seen of drawings: that of the note that is written, else what is drawn there. */
  readonly drawing = $derived.by(() => (this.isWriting ? this.strokes : this.drawn))

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
}
