/** The playlist: the items of the reel, played one after another. */

import { clamp } from '../clamp.ts'
import { even } from '../sequence/times.ts'
import { hasMedia } from '../player/playable.ts'
import { proxyOf } from '../player/proxies.svelte.ts'
import { Marks, pushed } from '../transport/shuttle.svelte.ts'
import type { ReelItem } from './items.ts'

/** A turn of an item: the same item comes again when the reel begins anew. */
export interface Turn {
  id: number
  index: number
}

/** Seconds that a still is shown, a take that cannot be played, and the slate of a shot without one. */
export const STILL = 2

/** How long an item is shown, in seconds, where what cannot be played is passed over as a still. */
export function lengthOf({ take }: ReelItem, isPlayable: boolean): number {
  const isPicture = take?.media?.kind === 'image' && !take.media.frames
  return take && isPlayable && !isPicture ? (take.duration ?? STILL) : STILL
}

export class Playlist {
  playing = $state(true)
  loop = $state(false)
  muted = $state(false)
  speed = $state(1)
  /** How many times the speed it plays now: less than nothing is backwards. */
  shuttle = $state(1)
  /** The part that is played round and round, in frames of the film. */
  readonly marks = new Marks()
  /** Seconds since the current item began. */
  within = $state(0)
  /** The current turn, and the next one, which is made ready beneath it. */
  turns = $state<Turn[]>([])
  /** Where in the current item somebody has gone last; another one each time. */
  sought = $state.raw<{ within: number } | null>(null)
  #items: () => ReelItem[]
  #rate: () => number
  #unplayable = $state<string[]>([])
  #lastTurn = 0
  #isOver = false

  readonly lengths = $derived.by(() => this.#items().map((item) => lengthOf(item, this.isPlayable(item))))
  readonly duration = $derived.by(() => this.lengths.reduce((sum, length) => sum + length, 0))
  readonly index = $derived.by(() => this.turns[0]?.index ?? 0)
  readonly time = $derived.by(() => sum(this.lengths.slice(0, this.index)) + this.within)
  readonly times = $derived.by(() => even(Math.max(1, Math.round(this.duration * this.#rate())), this.#rate()))
  readonly frame = $derived.by(() => this.times.at(this.time))
  readonly lastFrame = $derived.by(() => this.times.count - 1)
  /** What is passed over, and said to be. */
  readonly skipped = $derived.by(() => this.#items().filter((item) => item.take && !this.isPlayable(item)))

  /** Of so many frames a second, as most of the items have. */
  constructor(items: () => ReelItem[], rate: () => number) {
    this.#items = items
    this.#rate = rate
    this.jump(0)
  }

  isPlayable({ take }: ReelItem): boolean {
    if (take === null || !hasMedia(take)) return false
    const proxy = proxyOf(take)
    return proxy ? proxy.is === 'ready' : !this.#unplayable.includes(take.mediaUrl ?? '')
  }

  /** The browser cannot play that one after all. */
  fail({ take }: ReelItem): void {
    const url = take?.mediaUrl ?? ''
    if (!this.#unplayable.includes(url)) this.#unplayable = [...this.#unplayable, url]
  }

  /** Go to an item at once, and to a moment of it. */
  jump(index: number, within = 0): void {
    if (index < 0 || index >= this.#items().length) return
    this.#isOver = false
    this.within = within
    this.sought = { within }
    this.turns = this.#with([this.turns.find((turn) => turn.index === index) ?? this.#turn(index)])
  }

  /** Go to a moment of the film. */
  seek(time: number): void {
    let [index, within] = [0, clamp(time, 0, this.duration)]
    while (index + 1 < this.lengths.length && within >= (this.lengths[index] ?? 0)) within -= this.lengths[index++] ?? 0
    this.jump(index, within)
  }

  /** The current one has gone on to that moment of it. */
  reach(within: number): void {
    this.within = within
    const range = this.#range
    if (!range || !this.playing) return
    if (this.shuttle > 0 && (this.time >= range.to || this.time < range.from - 1 / this.#rate())) this.seek(range.from)
    else if (this.shuttle < 0 && this.time < range.from) this.seek(range.to - 0.5 / this.#rate())
  }

  /** The current one has come to its end. */
  advance(): void {
    const [, next] = this.turns
    if (next && next.index < this.#items().length) {
      this.within = 0
      this.turns = this.#with([next])
    } else if (this.#range) this.seek(this.#range.from)
    else {
      this.pause()
      this.#isOver = true
    }
  }

  /** It has come to the beginning of the current one, backwards. */
  retreat(): void {
    if (this.index > 0) this.jump(this.index - 1, Math.max(0, (this.lengths[this.index - 1] ?? 0) - 0.5 / this.#rate()))
    else if (this.loop) this.seek(this.duration - 0.5 / this.#rate())
    else this.pause()
  }

  toggle(): void {
    if (this.playing) this.pause()
    else this.#play(1)
  }

  /** As editors have J and L: that way, and twice as fast each time it is asked for again. */
  push(direction: 1 | -1): void {
    this.#play(pushed(this.shuttle, direction, this.playing))
  }

  pause(): void {
    this.playing = false
    this.shuttle = 1
  }

  /** Go on by that many frames of the film, and stay there. */
  step(frames: number): void {
    this.pause()
    this.seek(this.times.middle(clamp(this.frame + frames, 0, this.lastFrame)))
  }

  markFrom(): void {
    this.marks.begin(this.frame)
  }

  markTo(): void {
    this.marks.end(this.frame)
  }

  #play(shuttle: number): void {
    if (this.#isOver && shuttle > 0) this.jump(0)
    this.#isOver = false
    this.shuttle = shuttle
    this.playing = true
  }

  get #range(): { from: number; to: number } | null {
    return this.marks.range(this.times)
  }

  setLoop(loop: boolean): void {
    this.loop = loop
    this.turns = this.#with(this.turns.slice(0, 1))
  }

  /** The next one after the last is the first again, where the reel loops. */
  #with(turns: Turn[]): Turn[] {
    const count = this.#items().length
    const following = (turns[0]?.index ?? 0) + 1
    if (following < count) return [...turns, this.#turn(following)]
    return this.loop && count > 0 ? [...turns, this.#turn(0)] : turns
  }

  #turn(index: number): Turn {
    this.#lastTurn += 1
    return { id: this.#lastTurn, index }
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
