/** When takes were purged, and how much went: the log alone tells, and is asked once for a shot that somebody looks at. */

import { SvelteMap } from 'svelte/reactivity'
import { listEvents } from '../api.ts'
import { type LogEvent, takeId } from './events.ts'

export interface Purge {
  at: string
  bytes: number
}

export class Purges {
  /** How many have been heard of while they went. */
  heard = $state(0)
  #known = new SvelteMap<string, Purge>()
  #asked = new Set<string>()

  constructor(readonly project: string) {}

  of(shot: string, take: string): Purge | null {
    return this.#known.get(`${shot} ${take}`) ?? null
  }

  hear(event: LogEvent): void {
    if (event.type === 'take.purged') this.heard += 1
    this.#note(event)
  }

  /** Learn of those of a shot. */
  async find(shot: string): Promise<void> {
    if (this.#asked.has(shot)) return
    this.#asked.add(shot)
    try {
      for (const event of await listEvents(this.project, shot)) this.#note(event)
    } catch {
      this.#asked.delete(shot) // what is told of such a take goes without its day meanwhile
    }
  }

  /** What is known is of another log. */
  forget(): void {
    this.#known.clear()
    this.#asked.clear()
  }

  #note({ type, shotId, at, data }: LogEvent): void {
    if (type !== 'take.purged' || data.take === undefined) return
    this.#known.set(`${shotId} ${takeId(data.take)}`, { at, bytes: Number(data['bytes']) })
  }
}
