/** The frames of an image sequence: which there are, and which one is shown where one is missing. */

import type { Frames, Gap } from '../types.ts'

/** Their numbers, and which are missing. */
export type Run = Pick<Frames, 'first' | 'last' | 'gaps'>

/** How many there would be if none was missing. */
export function spanOf({ first, last }: Run): number {
  return last - first + 1
}

/** The run of missing frames that a number is in; nothing where the frame is there, as far as is known. */
export function gapAt({ gaps }: Run, number: number): Gap | undefined {
  return gaps.find((gap) => gap.first <= number && number <= gap.last)
}

/** The frame that is seen at a number: itself, or the last one before it that there is. */
export function seenAt(frames: Run, number: number): number {
  const gap = gapAt(frames, number)
  return gap ? gap.first - 1 : number
}
