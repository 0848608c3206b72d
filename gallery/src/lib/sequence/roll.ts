/**
 * The roll: an image sequence that is played as a video is, by whoever drives videos.
 *
 * Where a frame is not there yet, time stands still until it is, so that none is passed over; one that is missing is
 * stood for by the last one before it.
 */

import type { Driven } from './driven.ts'
import { seenAt, type Run } from './frames.ts'
import { FrameStore, type Load, type Picture } from './store.ts'
import type { Times } from './times.ts'

/** What is to be seen: a number of the sequence, and the frame that is there for it; null where none can be had. */
export interface Shown {
  /** Its place, from 0. */
  index: number
  number: number
  seen: number
  picture: Picture | null
}

/** As `HTMLMediaElement` has them: nothing but the present frame, and enough to go on. */
const CURRENT = 2
const ENOUGH = 4

/** How far into a frame is as near to the next one as it gets while that is waited for. */
const NEAR = 0.99

export class Roll extends EventTarget implements Driven {
  readonly duration: number
  paused = true
  loop = false
  muted = false
  playbackRate = 1
  seeking = true
  #time = 0
  #last: number
  shown: Shown | null = null
  #hasAny = false
  #tick = 0
  #before = 0
  #store: FrameStore

  constructor(
    private readonly frames: Run,
    readonly times: Times,
    private readonly load: Load,
    private readonly show: (shown: Shown) => void,
  ) {
    super()
    this.#last = times.count - 1
    this.duration = times.duration
    this.#store = new FrameStore(load, () => this.#look())
    this.#look()
  }

  get currentTime(): number {
    return this.#time
  }

  set currentTime(time: number) {
    this.#time = Math.min(Math.max(0, time), this.duration)
    this.seeking = true
    this.#look()
  }

  get ended(): boolean {
    return !this.loop && this.#time >= this.duration
  }

  get readyState(): number {
    return this.#isThere(this.#index) && this.#isThere(this.#next) ? ENOUGH : CURRENT
  }

  async play(): Promise<void> {
    if (!this.paused) return
    if (this.ended) this.currentTime = 0
    this.paused = false
    this.#before = performance.now()
    this.#tick = requestAnimationFrame((now) => this.#goOn(now))
  }

  pause(): void {
    this.paused = true
    cancelAnimationFrame(this.#tick)
  }

  /** Its frames look otherwise by now. */
  refresh(): void {
    this.#store.close()
    this.#store = new FrameStore(this.load, () => this.#look())
    this.shown = null
    this.#look()
  }

  close(): void {
    this.pause()
    this.#store.close()
  }

  /** The place of the frame that is shown now, from 0. */
  get #index(): number {
    return this.times.at(this.#time)
  }

  get #next(): number {
    return this.#index < this.#last ? this.#index + 1 : this.loop ? 0 : this.#last
  }

  #seen(index: number): number {
    return seenAt(this.frames, this.frames.first + index)
  }

  #isThere(index: number): boolean {
    return this.#store.has(this.#seen(index))
  }

  #goOn(now: number): void {
    if (this.paused) return
    this.#tick = requestAnimationFrame((next) => this.#goOn(next))
    const passed = (Math.max(0, now - this.#before) / 1000) * this.playbackRate
    this.#before = now
    if (!this.seeking) this.#advance(passed)
    this.#look()
  }

  /** Let so many seconds pass, but for those in which a frame would be shown that is not there. */
  #advance(passed: number): void {
    const aim = this.#time + passed
    const target = this.times.at(aim)
    for (let index = this.#index; index < target; index += 1) {
      if (!this.#isThere(index + 1)) return this.#stay(index)
    }
    if (aim < this.duration) this.#time = aim
    else if (!this.loop) this.#end()
    else if (this.#isThere(0)) this.#time = (aim - this.duration) % this.duration
    else this.#stay(this.#last)
  }

  /** Go no further than to the end of that frame, or as near to it as can be. */
  #stay(index: number): void {
    const [start, end] = [this.times.start(index), this.times.start(index + 1)]
    this.#time = Math.max(this.#time, start + NEAR * (end - start))
  }

  #end(): void {
    this.#time = this.duration
    this.pause()
    this.dispatchEvent(new Event('ended'))
  }

  /** Show what is to be seen now, where it has come, and ask for what comes next. */
  #look(): void {
    const index = this.#index
    this.#store.want(this.#ahead(index))
    if (!this.#isThere(index)) return
    const [number, seen] = [this.frames.first + index, this.#seen(index)]
    if (this.shown?.number !== number) {
      const picture = this.#store.picture(seen)
      if (!picture && !this.#hasAny) this.dispatchEvent(new Event('error'))
      this.#hasAny ||= picture !== null
      this.shown = { index, number, seen, picture }
      this.show(this.shown)
      this.dispatchEvent(new Event('shown'))
    }
    if (!this.seeking) return
    this.seeking = false
    this.dispatchEvent(new Event('seeked'))
  }

  *#ahead(from: number): Generator<number> {
    for (let index = from; index <= this.#last; index += 1) yield this.#seen(index)
    for (let index = 0; index < from && this.loop; index += 1) yield this.#seen(index)
  }
}
