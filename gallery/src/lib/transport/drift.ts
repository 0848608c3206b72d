/** Drift: how one medium is kept in step with another without a visible jump. */

import { clamp } from '../clamp.ts'

/** What a follower is to do now. */
export interface Pace {
  /** Where to go at once, in seconds; null where it goes on from where it is. */
  seek: number | null
  /** How much faster or slower than the leader it plays. */
  factor: number
  /** Whether it has come to its own end and stays on its last frame. */
  isOver: boolean
}

interface Moment {
  /** Seconds. */
  leader: number
  follower: number
  /** How long the follower is. */
  length: number
  /** The factor at which it has been playing. */
  factor: number
  /** Whether both are equally long and begin again together. */
  isTwin: boolean
}

/** Seconds from which on it jumps. */
const FAR = 0.3
/** Seconds at which it begins to play faster or slower, and at which it stops to: a third of a frame is hardly seen. */
const LOOSE = 0.014
const CLOSE = 0.003
/** How much of the drift is made good in a second, and the least and the most that it plays faster or slower for that. */
const EAGER = 2
const HASTE = [0.08, 0.5] as const

/** Media whose lengths differ by less than this begin again together. */
export const TWIN = 0.05

export function pace({ leader, follower, length, factor, isTwin }: Moment): Pace {
  if (!isTwin && leader >= length) return { seek: null, factor: 1, isOver: true }
  const drift = isTwin ? wrapped(follower - leader, length) : follower - leader
  if (Math.abs(drift) > FAR) return { seek: leader, factor: 1, isOver: false }
  const isCorrecting = Math.abs(drift) > (factor === 1 ? LOOSE : CLOSE)
  return { seek: null, factor: isCorrecting ? 1 - Math.sign(drift) * clamp(Math.abs(drift) * EAGER, ...HASTE) : 1, isOver: false }
}

/** A drift as it is seen when one of the two has already begun again. */
function wrapped(drift: number, length: number): number {
  if (drift > length / 2) return drift - length
  return drift < -length / 2 ? drift + length : drift
}
