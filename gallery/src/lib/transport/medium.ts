/** A medium: one video, sound or image sequence that a clock drives. */

import type { Driven } from '../sequence/driven.ts'

/** Closer to its end than this, it is there. */
const HAIR = 1e-3

/** `HAVE_FUTURE_DATA`. */
const READY = 3

export class Medium {
  /** How much faster or slower than the clock it plays, to catch up. */
  factor = 1
  /** Where it goes when it has come to where it is going now. */
  #next: number | null = null

  /** The medium with the lowest slot is the one that is heard. */
  constructor(
    readonly element: Driven,
    readonly slot: number,
  ) {}

  /** Seconds; 0 while that is not known. */
  get length(): number {
    return Number.isFinite(this.element.duration) ? this.element.duration : 0
  }

  get isAtEnd(): boolean {
    return this.element.currentTime >= this.length - HAIR
  }

  /** Whether there is nothing to show for the next moment yet. */
  get isLate(): boolean {
    const isReady = this.element.readyState >= READY
    return this.element.seeking || !(isReady || this.isAtEnd)
  }

  /** Go there; while it is still going somewhere else, after that, so that what is passed over is seen. */
  aim(time: number): void {
    const target = Math.min(time, this.length)
    if (this.element.seeking) {
      this.#next = target
      return
    }
    // It may have arrived without having been told so: what was to come next is old by now.
    this.#next = null
    if (this.element.currentTime !== target) this.element.currentTime = target
  }

  /** It has come to where it was going. */
  arrive(): void {
    const next = this.#next
    this.#next = null
    if (next !== null) this.aim(next)
  }

  /** Play; `refused` is called where the browser wants to be asked by a person first. */
  start(refused: () => void): void {
    if (!this.element.paused) return
    this.element.play().catch((error: unknown) => {
      if (isRefusal(error)) refused()
    })
  }
}

/** The longest of some; of equals, the first. */
export function longest(media: Medium[]): Medium | undefined {
  return media.reduce<Medium | undefined>((best, each) => (best && best.length >= each.length ? best : each), undefined)
}

/** Whether playing failed since the browser wants to be asked by a person first. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotAllowedError'
}
