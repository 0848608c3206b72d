/** The playlist: the items of the reel, played one after another. */

import { hasMedia } from '../player/playable.ts'
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
  /** Seconds since the current item began. */
  within = $state(0)
  /** The current turn, and the next one, which is made ready beneath it. */
  turns = $state<Turn[]>([])
  #items: () => ReelItem[]
  #unplayable = $state<string[]>([])
  #lastTurn = 0
  #isOver = false

  readonly lengths = $derived.by(() => this.#items().map((item) => lengthOf(item, this.isPlayable(item))))
  readonly total = $derived.by(() => this.lengths.reduce((sum, length) => sum + length, 0))
  readonly index = $derived.by(() => this.turns[0]?.index ?? 0)
  readonly time = $derived.by(() => sum(this.lengths.slice(0, this.index)) + this.within)
  /** What is passed over, and said to be. */
  readonly skipped = $derived.by(() => this.#items().filter((item) => item.take && !this.isPlayable(item)))

  constructor(items: () => ReelItem[]) {
    this.#items = items
    this.jump(0)
  }

  isPlayable({ take }: ReelItem): boolean {
    return take !== null && hasMedia(take) && !this.#unplayable.includes(take.mediaUrl ?? '')
  }

  /** The browser cannot play that one after all. */
  fail({ take }: ReelItem): void {
    const url = take?.mediaUrl ?? ''
    if (!this.#unplayable.includes(url)) this.#unplayable = [...this.#unplayable, url]
  }

  /** Go to an item at once. */
  jump(index: number): void {
    if (index < 0 || index >= this.#items().length) return
    this.#isOver = false
    this.within = 0
    this.turns = this.#with([this.#turn(index)])
  }

  /** The current one has come to its end. */
  advance(): void {
    const [, next] = this.turns
    if (next && next.index < this.#items().length) {
      this.within = 0
      this.turns = this.#with([next])
    } else {
      this.#isOver = true
      this.playing = false
    }
  }

  toggle(): void {
    if (this.#isOver) this.jump(0)
    this.playing = !this.playing
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
