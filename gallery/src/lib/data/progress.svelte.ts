/** How far the takes in the making have come, as the event stream tells while they are made. */

import { SvelteMap } from 'svelte/reactivity'
import { takeId } from '../film/names.ts'
import type { LogEvent, Progress } from '../types.ts'
import { takeOf } from './events.ts'

const ENDS = new Set(['take.completed', 'take.failed', 'take.deleted', 'take.purged'])

export class TakeProgress {
  #progress = new SvelteMap<string, Progress>()

  progressOf(shot: string, take: string): Progress | null {
    return this.#progress.get(`${shot} ${take}`) ?? null
  }

  hear(event: LogEvent): void {
    const number = takeOf(event)
    if (number !== null && ENDS.has(event.type)) this.#progress.delete(`${event.shotId} ${takeId(number)}`)
  }

  hearProgress(progress: Progress): void {
    this.#progress.set(`${progress.shotId} ${progress.takeId}`, progress)
  }

  /** What is known is of another connection. */
  forget(): void {
    this.#progress.clear()
  }
}
