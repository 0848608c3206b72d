/** What the daemon's event stream tells: the log's events, and what is about now and in no log. */

import type { Progress } from '../types.ts'

export const LOG_TYPES = [
  'shot.registered',
  'shot.moved',
  'take.created',
  'take.started',
  'take.completed',
  'take.failed',
  'take.activated',
  'take.deleted',
  'take.restored',
  'take.purged',
] as const

export type LogType = (typeof LOG_TYPES)[number]

export interface LogEvent {
  position: number
  /** Stays the same where the shot is moved. */
  stream: string
  /** The full id of the shot. */
  shotId: string
  version: number
  id: string
  type: LogType
  at: string
  actor: string
  cause: string | null
  data: { take?: number; [more: string]: unknown }
}

/** Said first on every connection: which log this is, and how far it has come. */
export interface LogOpened {
  logId: string
  position: number
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
