/** A project's event stream: it goes on from the last position after every break, so that nothing is missed. */

import { eventsUrl } from '../api.ts'
import type { LogEvent, LogOpened, Progress } from '../types.ts'
import { EVENT_TYPES, type Listener } from './events.ts'

export class Stream {
  #source: EventSource | null = null
  #logId: string | null = null

  constructor(
    readonly project: string,
    /** The last position that was heard. */
    public position: number,
    private readonly listener: Listener,
  ) {}

  get isOpen(): boolean {
    return this.#source !== null
  }

  /** Connect, and hear what came after the last position. */
  resume(): void {
    this.close()
    const source = new EventSource(eventsUrl(this.project, this.position))
    this.#source = source
    for (const type of EVENT_TYPES) source.addEventListener(type, (message) => this.#hear(message))
    source.addEventListener('log.opened', (message) => this.#opened(message))
    source.addEventListener('take.progress', (message) =>
      this.listener.onprogress(JSON.parse(message.data as string) as Progress),
    )
    source.onerror = () => this.#lost(source)
  }

  close(): void {
    this.#source?.close()
    this.#source = null
  }

  #opened(message: MessageEvent): void {
    const { logId } = JSON.parse(message.data as string) as LogOpened
    const isOther = this.#logId !== null && this.#logId !== logId
    this.#logId = logId
    if (isOther) {
      this.close()
      this.listener.onother()
    } else {
      this.listener.onopen()
    }
  }

  #hear(message: MessageEvent): void {
    const event = JSON.parse(message.data as string) as LogEvent
    if (event.position <= this.position) return
    this.position = event.position
    this.listener.onevent(event)
  }

  /** The browser would try again by itself, but not after every kind of end: we do it, always. */
  #lost(source: EventSource): void {
    if (source !== this.#source) return
    this.close()
    this.listener.onaway()
  }
}
