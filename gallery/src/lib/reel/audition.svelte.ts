/** The audition: other takes in the places of active ones, seen in the cut until one is made active, or none is. */

import { clamp } from '../clamp.ts'
import { hasMedia } from '../player/playable.ts'
import type { Shot, Take } from '../types.ts'
import type { ReelItem } from './items.ts'

export class Audition {
  /** What is tried, by the id of its shot. */
  #tried = $state.raw<ReadonlyMap<string, Take>>(new Map())
  #known = new Map<string, Promise<Take[]>>()

  constructor(private readonly load: (shot: Shot) => Promise<readonly Take[]>) {}

  get isEmpty(): boolean {
    return this.#tried.size === 0
  }

  /** The item with what is tried in it. */
  shown(item: ReelItem): ReelItem {
    const take = this.#tried.get(item.shot.id)
    return take ? { ...item, take } : item
  }

  /** Whether something else than the active take is tried there. */
  isTried({ shot }: ReelItem): boolean {
    return this.#tried.has(shot.id)
  }

  /** Try the take that comes before the one that is shown, or after. */
  async turn(item: ReelItem, delta: 1 | -1): Promise<void> {
    const takes = await this.#takesOf(item.shot)
    const now = this.shown(item).take
    const at = takes.findIndex(({ id }) => id === now?.id)
    const next = takes[at < 0 ? (delta > 0 ? 0 : takes.length - 1) : clamp(at + delta, 0, takes.length - 1)]
    if (next) this.#set(item.shot, next.id === item.take?.id ? null : next)
  }

  /** What is active by now is not tried any more. */
  settle(items: readonly ReelItem[]): void {
    for (const { shot, take } of items) if (take && this.#tried.get(shot.id)?.id === take.id) this.#set(shot, null)
  }

  /** Have everything as it was; whether anything was tried. */
  leave(): boolean {
    const isLeft = !this.isEmpty
    this.#tried = new Map()
    return isLeft
  }

  #set(shot: Shot, take: Take | null): void {
    const tried = new Map(this.#tried)
    if (take) tried.set(shot.id, take)
    else tried.delete(shot.id)
    this.#tried = tried
  }

  #takesOf(shot: Shot): Promise<Take[]> {
    const known = this.#known.get(shot.id) ?? this.load(shot).then((takes) => takes.filter(hasMedia).sort((one, other) => one.number - other.number))
    known.catch(() => this.#known.delete(shot.id))
    this.#known.set(shot.id, known)
    return known
  }
}
