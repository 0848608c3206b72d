/** The shuttle: how fast and which way it goes, and the marks between which it goes round, as editors have them. */

import { clamp } from '../clamp.ts'
import type { Times } from '../sequence/times.ts'

/** How often the speed is doubled at most. */
const FASTEST = 8

/** The shuttle once J or L is pressed: that way, and twice as fast where it goes that way already. */
export function pushed(shuttle: number, direction: 1 | -1, isPlaying: boolean): number {
  const isAgain = isPlaying && Math.sign(shuttle) === direction
  return isAgain ? clamp(shuttle * 2, -FASTEST, FASTEST) : direction
}

export class Marks {
  /** The frames that the loop begins and ends with; null where that is the first, or the last. */
  from = $state<number | null>(null)
  to = $state<number | null>(null)

  /** Have it begin at that frame; where it does already, at the first one. */
  begin(frame: number): void {
    this.from = this.from === frame ? null : frame
    if (this.to !== null && this.from !== null && this.to <= this.from) this.to = null
  }

  /** Have it end with that frame; where it does already, with the last one. */
  end(frame: number): void {
    this.to = this.to === frame ? null : frame
    if (this.to !== null && this.from !== null && this.to <= this.from) this.from = null
  }

  /** The part that is played, in seconds; null where that is all of it. */
  range(times: Times): { from: number; to: number } | null {
    if (this.from === null && this.to === null) return null
    const [from, to] = [this.from ?? 0, Math.min(this.to ?? Infinity, times.count - 1)]
    return from < to ? { from: times.middle(from), to: times.start(to + 1) } : null
  }
}
