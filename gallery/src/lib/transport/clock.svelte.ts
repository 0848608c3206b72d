/**
 * The clock: one transport for all media that are seen together, which show the same moment.
 *
 * The longest leads; the others follow it, and hold their last frame where they are shorter. Where one is not
 * ready, all wait.
 */

import { untrack } from 'svelte'
import { clamp } from '../clamp.ts'
import { pace, TWIN } from './drift.ts'
import type { Driven } from '../sequence/driven.ts'
import { longest, Medium } from './medium.ts'
import { Marks, pushed } from './shuttle.svelte.ts'
import { even, type Times } from '../sequence/times.ts'
import { USUAL_RATE } from '../timecode.ts'

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.5, 2, 4] as const

/** How fast a browser plays at all. */
export const LIMITS = [1 / 16, 16] as const

export class Clock {
  /** Seconds. */
  time = $state(0)
  duration = $state(0)
  playing = $state(false)
  /** Frames a second, of the finest of them. */
  rate = $state(USUAL_RATE)
  /** The timecode of the first frame, where a file says so. */
  start = $state<string | null>(null)
  /** How many times the speed it plays now: less than nothing is backwards. */
  shuttle = $state(1)
  readonly marks = new Marks()
  /** What the one that is driven alone says of that. */
  #own = $state.raw<Times | null>(null)
  #speed = $state(1)
  #loop = $state(true)
  #muted = $state(false)

  #media: Medium[] = []
  #leader: Medium | undefined
  #frame = 0
  #isHeld = false
  /** When it was looked at last while it went backwards, in milliseconds. */
  #before = 0
  /** Where the next one begins, instead of at its beginning; null where nobody has asked for that. */
  #kept: number | null = null

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

  /** When each frame is seen. */
  readonly times = $derived.by(() => this.#own ?? even(Math.max(1, Math.round(this.duration * this.rate)), this.rate))
  /** The frame that is shown, from 0. */
  readonly frame = $derived.by(() => this.times.at(this.time))
  readonly lastFrame = $derived.by(() => this.times.count - 1)

  toggle(): void {
    if (this.playing) this.pause()
    else this.play()
  }

  play(): void {
    this.#shuttleAt(1)
  }

  /** As editors have J and L: that way, and twice as fast each time it is asked for again. */
  push(direction: 1 | -1): void {
    this.#shuttleAt(pushed(this.shuttle, direction, this.playing))
  }

  /** Stand still, all of them at the same frame. */
  pause(): void {
    const wasPlaying = this.playing
    this.#stop()
    if (wasPlaying && this.#leader && !this.#leader.isAtEnd) this.seek(this.times.middle(this.frame))
  }

  /** Have the loop begin at the frame that is shown; where it does already, at the first one. */
  markFrom(): void {
    this.marks.begin(this.frame)
    this.#adjust()
  }

  /** Have it end with the frame that is shown; where it does already, with the last one. */
  markTo(): void {
    this.marks.end(this.frame)
    this.#adjust()
  }

  seek(time: number): void {
    this.time = clamp(time, 0, this.duration)
    for (const medium of this.#media) medium.aim(this.time)
  }

  /** Go on by that many frames, and stay there. */
  step(frames: number): void {
    this.#stop()
    this.seek(this.times.middle(clamp(this.frame + frames, 0, this.lastFrame)))
  }

  /** Have all of them go to the same frame, where they have come apart. */
  gather(): void {
    const time = this.#leader?.element.currentTime ?? this.time
    if (this.playing && this.shuttle > 0) this.seek(this.times.middle(this.times.at(time)))
  }

  /** The next one that is driven alone begins at this moment. */
  keep(): void {
    this.#kept ??= this.time
  }

  /** It begins where it begins after all. */
  letGo(): void {
    this.#kept = null
  }

  #shuttleAt(shuttle: number): void {
    this.shuttle = shuttle
    this.playing = true
    this.#before = performance.now()
    this.#adjust()
    if (shuttle > 0 && this.#leader?.isAtEnd) this.seek(this.#range?.from ?? 0)
    if (shuttle < 0) this.#hold()
    this.#go()
  }

  #stop(): void {
    this.playing = false
    this.shuttle = 1
    cancelAnimationFrame(this.#frame)
    this.#hold()
    this.#adjust()
  }

  #hold(): void {
    for (const { element } of this.#media) element.pause()
  }

  /** The part that is played, in seconds; null where that is all of it. */
  get #range(): { from: number; to: number } | null {
    return this.marks.range(this.times)
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
    else if (this.#kept === null) this.time = medium.element.currentTime
    else if (medium.length > 0) this.seek(this.#kept)
    if (medium.length > 0) this.#kept = null
    if (this.playing) this.#go()
  }

  /** Who leads, and what everybody has to know. */
  #adjust(): void {
    this.#leader = longest(this.#media)
    this.duration = this.#leader?.length ?? 0
    this.#own = (this.#media.length === 1 && this.#leader?.element.times) || null
    this.#media.forEach((medium, index) => {
      medium.element.loop = this.#loop && this.#isTwin(medium) && !this.#range
      medium.element.muted = this.#muted || index > 0
      medium.element.playbackRate = this.#paceOf(medium)
    })
  }

  #paceOf(medium: Medium): number {
    return clamp(this.#speed * Math.abs(this.shuttle) * medium.factor, ...LIMITS)
  }

  /** Whether it ends when the leader does, and so begins again by itself. */
  #isTwin(medium: Medium): boolean {
    return this.duration - medium.length < TWIN
  }

  #ended(medium: Medium): void {
    if (medium !== this.#leader) return
    if (this.#loop) return this.#range ? this.seek(this.#range.from) : undefined
    this.#stop()
    this.time = this.duration
  }

  /** Somebody else may have paused it: a key of the keyboard, the system. */
  #paused(medium: Medium): void {
    const { paused, ended } = medium.element
    if (this.playing && this.shuttle > 0 && medium === this.#leader && paused && !ended && !this.#isHeld) this.pause()
  }

  #go(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => this.playing && this.#go())
    if (this.shuttle > 0) this.#follow()
    else this.#goBack()
  }

  /** No browser plays backwards: from frame to frame, as fast as all of them come there. */
  #goBack(): void {
    if (this.#media.some(({ element }) => element.seeking)) return
    const now = performance.now()
    const speed = (this.#speed * this.shuttle) / 1000
    const to = this.time + (now - this.#before) * speed
    const first = this.#range?.from ?? 0
    const frame = this.times.at(to)
    const next = this.times.middle(frame)
    if (to > first && frame === this.frame) return
    // What has passed of that frame is not passed over: it counts for the next one.
    this.#before = to > first ? now - (to - next) / speed : now
    if (to > first) return this.seek(next)
    if (!this.#loop) this.#stop()
    this.seek(this.#loop ? (this.#range?.to ?? this.duration) - 0.5 / this.rate : first)
  }

  /** Begin again where the part that is played is over; whether it was. */
  #isOver(leader: Medium): boolean {
    const range = this.#range
    const time = leader.element.currentTime
    if (!range || leader.element.seeking || (time < range.to && time >= range.from - 1 / this.rate)) return false
    if (!this.#loop && time >= range.to) this.#stop()
    this.seek(this.playing ? range.from : range.to - 0.5 / this.rate)
    return true
  }

  /** One look at where everybody is. */
  #follow(): void {
    const leader = this.#leader
    if (!leader) return
    this.#isHeld = this.#media.length > 1 && this.#media.some((medium) => medium.isLate)
    if (this.#isOver(leader)) return
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
    element.playbackRate = this.#paceOf(medium)
  }

  #start(medium: Medium): void {
    medium.start(() => this.playing && this.pause())
  }
}
