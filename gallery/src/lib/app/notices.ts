/** Notices on the desktop: takes that are ready, or have failed, while nobody looks at the page; where that is wanted. */

import { takeOf } from '../data/events.ts'
import { shotName } from '../film/names.ts'
import { pathOf } from '../film/paths.ts'
import { plural } from '../format.ts'
import type { LogEvent } from '../types.ts'
import { prefs } from './prefs.svelte.ts'

/** Milliseconds in which news are gathered into one notice. */
const GATHER = 2_000

const WORDS: Partial<Record<LogEvent['type'], string>> = { 'take.completed': 'ready', 'take.failed': 'failed' }

/** Whether the browser can show any. */
export const canNotify = (): boolean => 'Notification' in window

/** Have them, or not any more; whether the browser has agreed. */
export async function wantNotices(isWanted: boolean): Promise<boolean> {
  prefs.notices = isWanted && (await Notification.requestPermission()) === 'granted'
  return prefs.notices === isWanted
}

export class Notices {
  #heard: LogEvent[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `onopen` leads to the shot of an event. */
  constructor(private readonly onopen: (shot: string) => void) {}

  hear(event: LogEvent): void {
    const isNews = WORDS[event.type] !== undefined && takeOf(event) !== null
    if (!isNews || !prefs.notices || !canNotify() || document.hasFocus()) return
    this.#heard.push(event)
    this.#timer ??= setTimeout(() => this.#show(), GATHER)
  }

  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#heard = []
  }

  #show(): void {
    const heard = this.#heard
    const [last] = heard.slice(-1)
    this.forget()
    if (!last || Notification.permission !== 'granted') return
    const notice = new Notification(textOf(heard), { body: shotName({ path: pathOf(last.shotId) }), tag: 'takes' })
    notice.onclick = () => {
      window.focus()
      this.onopen(last.shotId)
    }
  }
}

/** `Take 3 ready`, or `2 takes ready, 1 take failed`. */
export function textOf(events: readonly LogEvent[]): string {
  const [only] = events
  if (events.length === 1 && only) return `Take ${takeOf(only)} ${WORDS[only.type]}`
  const parts = ['take.completed', 'take.failed'].map((type) => {
    const count = events.filter((event) => event.type === type).length
    return count ? `${plural(count, 'take')} ${WORDS[type as LogEvent['type']]}` : ''
  })
  return parts.filter(Boolean).join(', ')
}
