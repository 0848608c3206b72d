/** Times: when each frame is seen, where all are seen equally long, and where each is as long as it says. */

import { frameAt, timeOf } from '../timecode.ts'

export interface Times {
  readonly count: number
  /** Seconds. */
  readonly duration: number
  /** The place of the frame that is seen at a time, from 0 to the last. */
  at(time: number): number
  /** When it begins; of the one behind the last, when all is over. */
  start(frame: number): number
  /** A time at which it is seen whatever is rounded on the way. */
  middle(frame: number): number
}

/** So many frames, of so many a second. */
export function even(count: number, rate: number): Times {
  return {
    count,
    duration: count / rate,
    at: (time) => Math.max(0, Math.min(count - 1, frameAt(time, rate))),
    start: (frame) => frame / rate,
    middle: (frame) => timeOf(frame, rate),
  }
}

/** So that a time that is meant to be at a frame's start is not taken for the end of the one before. */
const HAIR = 1e-5

/** Frames that are seen so many seconds each. */
export function uneven(lengths: readonly number[]): Times {
  const starts = [0]
  for (const length of lengths) starts.push((starts.at(-1) ?? 0) + length)
  const start = (frame: number): number => starts[frame] ?? starts.at(-1) ?? 0
  const count = lengths.length
  return {
    count,
    duration: start(count),
    at: (time) => Math.max(0, Math.min(count - 1, starts.findLastIndex((one) => one <= time + HAIR))),
    start,
    middle: (frame) => (start(frame) + start(frame + 1)) / 2,
  }
}
