/**
 * The clock: one transport for one or two media, which show the same moment.
 *
 * The longest leads; the other one follows it, and holds its last frame where it is shorter. Where one is not
 * ready, both wait.
 */

import { untrack } from 'svelte'
import { clamp } from '../clamp.ts'
import { pace, TWIN } from './drift.ts'
import type { Driven } from '../sequence/driven.ts'
import { longest, Medium } from './medium.ts'
import { frameAt, timeOf, USUAL_RATE } from '../timecode.ts'

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.5, 2] as const

export class Clock {
  /** Seconds. */
  time = $state(0)
  duration = $state(0)
  playing = $state(false)
  /** Frames a second, of the finer of the two. */
  rate = $state(USUAL_RATE)
  #speed = $state(1)
  #loop = $state(true)
  #muted = $state(false)

  #media: Medium[] = []
  #leader: Medium | undefined
  #frame = 0
  #isHeld = false

  constructor(playing = false) {
    this.playing = playing
  }

  get speed(): number {
    return this.#speed
  }

  set speed(speed: number) {
    this.#speed = speed
    this.#adjust()
  }

  get loop(): boolean {
    return this.#loop
  }

  set loop(loop: boolean) {
    this.#loop = loop
    this.#adjust()
  }

  get muted(): boolean {
    return this.#muted
  }

  set muted(muted: boolean) {
    this.#muted = muted
    this.#adjust()
  }

  /** For `{@attach}`: drive that element as long as it is there. Of two, the lower slot is heard. */
  drive = (slot = 0) => (element: Driven): (() => void) => untrack(() => this.#add(element, slot))

  toggle(): void {
    if (this.playing) this.pause()
    else this.play()
  }

  play(): void {
    this.playing = true
    if (this.#leader?.isAtEnd) this.seek(0)
    this.#go()
  }

  pause(): void {
    this.playing = false
    cancelAnimationFrame(this.#frame)
    for (const { element } of this.#media) element.pause()
  }

  seek(time: number): void {
    this.time = clamp(time, 0, this.duration)
    for (const medium of this.#media) medium.aim(this.time)
  }

  /** Go on by that many frames, and stay there. */
  step(frames: number): void {
    this.pause()
    const last = Math.max(0, frameAt(this.duration, this.rate) - 1)
    const frame = clamp(frameAt(this.time, this.rate) + frames, 0, last)
    this.seek(timeOf(frame, this.rate))
  }

  /** The next speed, up or down. */
  shift(direction: 1 | -1): void {
    const faster = SPEEDS.find((speed) => speed > this.#speed)
    const slower = SPEEDS.findLast((speed) => speed < this.#speed)
    this.speed = (direction > 0 ? faster : slower) ?? this.#speed
  }

  #add(element: Driven, slot: number): () => void {
    const medium = new Medium(element, slot)
    this.#media = [...this.#media, medium].sort((a, b) => a.slot - b.slot)
    const heard = new AbortController()
    const on = (type: string, hear: () => void): void => {
      element.addEventListener(type, hear, { signal: heard.signal })
    }
    on('durationchange', () => this.#adjust())
    on('loadedmetadata', () => this.#join(medium))
    on('seeked', () => medium.arrive())
    on('ended', () => this.#ended(medium))
    on('pause', () => this.#paused(medium))
    on('error', () => this.#remove(medium))
    this.#join(medium)
    return () => {
      heard.abort()
      untrack(() => this.#remove(medium))
    }
  }

  #remove(medium: Medium): void {
    this.#media = this.#media.filter((each) => each !== medium)
    medium.element.pause()
    this.#adjust()
    if (this.#media.length === 0) cancelAnimationFrame(this.#frame)
  }

  /** A new one begins where the others are. */
  #join(medium: Medium): void {
    this.#adjust()
    if (this.#media.length > 1) medium.aim(this.time)
    else this.time = medium.element.currentTime
    if (this.playing) this.#go()
  }

  /** Who leads, and what everybody has to know. */
  #adjust(): void {
    this.#leader = longest(this.#media)
    this.duration = this.#leader?.length ?? 0
    this.#media.forEach((medium, index) => {
      medium.element.loop = this.#loop && this.#isTwin(medium)
      medium.element.muted = this.#muted || index > 0
      medium.element.playbackRate = this.#speed * medium.factor
    })
  }

  /** Whether it ends when the leader does, and so begins again by itself. */
  #isTwin(medium: Medium): boolean {
    return this.duration - medium.length < TWIN
  }

  #ended(medium: Medium): void {
    if (medium !== this.#leader || this.#loop) return
    this.pause()
    this.time = this.duration
  }

  /** Somebody else may have paused it: a key of the keyboard, the system. */
  #paused(medium: Medium): void {
    const { paused, ended } = medium.element
    if (this.playing && medium === this.#leader && paused && !ended && !this.#isHeld) this.pause()
  }

  #go(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => this.playing && this.#go())
    this.#follow()
  }

  /** One look at where everybody is. */
  #follow(): void {
    const leader = this.#leader
    if (!leader) return
    this.#isHeld = this.#media.length > 1 && this.#media.some((medium) => medium.isLate)
    if (!leader.element.seeking) this.time = leader.element.currentTime
    for (const medium of this.#media) {
      if (this.#isHeld) medium.element.pause()
      else if (medium === leader) this.#start(medium)
      else this.#keepUp(medium, leader.element.currentTime)
    }
  }

  #keepUp(medium: Medium, leader: number): void {
    const { element, length, factor } = medium
    const isTwin = this.#isTwin(medium)
    const next = pace({ leader, follower: element.currentTime, length, factor, isTwin })
    if (next.isOver || (element.ended && next.seek === null)) element.pause()
    else if (next.seek !== null) medium.aim(next.seek)
    else this.#start(medium)
    if (next.factor === factor) return
    medium.factor = next.factor
    element.playbackRate = this.#speed * next.factor
  }

  #start(medium: Medium): void {
    medium.start(() => this.playing && this.pause())
  }
}
