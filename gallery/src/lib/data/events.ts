/** What the daemon's event stream tells: the log's events, and what is about now and in no log. */

import type { EventType, LogEvent, Progress } from '../types.ts'

const TYPES: Record<EventType, true> = {
  'shot.registered': true,
  'shot.moved': true,
  'shot.recovered': true,
  'shot.received': true,
  'take.created': true,
  'take.started': true,
  'take.completed': true,
  'take.measured': true,
  'take.joined': true,
  'take.superseded': true,
  'take.failed': true,
  'take.accepted': true,
  'take.activated': true,
  'take.deleted': true,
  'take.restored': true,
  'take.purged': true,
  'take.deactivated': true,
  'take.rated': true,
  'take.marked': true,
  'take.tagged': true,
  'take.noted': true,
  'take.note.marked': true,
  'shot.noted': true,
  'shot.note.marked': true,
  'shot.staged': true,
  'search.saved': true,
  'search.removed': true,
  'access.granted': true,
  'access.revoked': true,
}

/** The events of the log that a page listens to: all of them. */
export const EVENT_TYPES = Object.keys(TYPES)

/** The number of the take that an event is about; null where it is about its shot. */
export function takeOf({ data: { take } }: LogEvent): number | null {
  return typeof take === 'number' ? take : null
}

export interface Listener {
  /** The log is another one than before: all that is known is void. */
  onother(): void
  /** It may be that nobody hears us: the connection has gone. It is up to the listener to call `resume`. */
  onaway(): void
  onopen(): void
  onevent(event: LogEvent): void
  onprogress(progress: Progress): void
}
