/** Notes as they are read: answers below what they answer, and where in a take they are. */

import type { Note } from '../types.ts'

/** Each answer behind its note, and those behind that. */
export function threaded(notes: readonly Note[]): Note[] {
  const there = new Set(notes.map(({ note }) => note))
  const below = (parent: number | null): Note[] => notes.filter(({ answers }) => (answers !== null && there.has(answers) ? answers : null) === parent).flatMap((note) => [note, ...below(note.note)])
  return below(null)
}

/** `frame 12`, `frames 12 to 20`. */
export function framesOf({ frame, lastFrame }: Note): string {
  return lastFrame === null ? `frame ${frame}` : `frames ${frame} to ${lastFrame}`
}

/** Whether a note is about that frame. */
export function isAbout({ frame, lastFrame }: Note, shown: number): boolean {
  return frame !== null && frame <= shown && shown <= (lastFrame ?? frame)
}
