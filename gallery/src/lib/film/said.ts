/** What people have said and chosen, in a few words. */

import type { LogEvent } from '../types.ts'
import { plural, shotWords } from '../format.ts'
import { pathOf, lastFolder } from './paths.ts'

const MARKS: Readonly<Record<string, string>> = {
  pick: 'picked',
  reject: 'rejected',
  none: 'neither picked nor rejected',
}

const CHOSEN: Readonly<Record<string, string>> = {
  'shot.registered': 'is found',
  'shot.recovered': 'is known again',
  'take.started': 'is being made',
  'take.completed': 'is complete',
  'take.accepted': 'is accepted as it is',
  'take.joined': 'has another file of its render',
  'take.purged': 'is purged',
  'take.activated': 'is the active take',
  'take.deactivated': 'is not active any more',
  'take.deleted': 'is deleted',
  'take.restored': 'is back',
  'take.tagged': 'has other tags',
  'take.note.marked': 'has other notes',
  'shot.note.marked': 'has other notes',
}

/** `Take 3 is rated 2.`; of many `Take 3 is rated 2, and 4 more.`; with the shot's name where that is another one. */
export function saidOf(events: readonly LogEvent[], shown: string | null): string {
  const [first] = events
  if (!first) return 'Nothing was changed.'
  const more = events.length > 1 ? `, and ${events.length - 1} more` : ''
  const where = first.shotId && first.shotId !== shown ? `${shotWords(lastFolder(pathOf(first.shotId)))}: ` : ''
  const said = `${where}${subject(first)} ${words(first)}`
  return more ? `${said.replace(/\.$/, '')}${more}.` : /[.!?…]$/.test(said) ? said : `${said}.`
}

/** Who wanted it; null where nobody did. */
export function byOf({ data: { by } }: LogEvent): string | null {
  return typeof by === 'string' ? by : null
}

function subject({ type, data: { take, name, person } }: LogEvent): string {
  if (type.startsWith('search.')) return `Search “${String(name)}”`
  if (type.startsWith('access.')) return String(person)
  return typeof take === 'number' ? `Take ${take}` : 'The shot'
}

function words({ type, data }: LogEvent): string {
  if (type === 'take.rated') return data['rating'] ? `is rated ${data['rating']}` : 'is not rated any more'
  if (type === 'take.marked') return `is ${MARKS[String(data['mark'])] ?? 'marked'}`
  if (type === 'shot.staged') return data['stage'] ? `has the stage “${data['stage']}”` : 'has no stage any more'
  if (type === 'search.saved') return `is saved: ${String(data['query'])}`
  if (type === 'search.removed') return 'is removed'
  if (type === 'access.granted') return `is ${String(data['role'])} of the film`
  if (type === 'access.revoked') return 'sees the film no longer'
  if (type === 'take.created') return origin(data['source'] as Source)
  if (type === 'take.failed') return data['why'] === 'cancelled' ? 'is cancelled' : `has failed: ${String(data['error'])}`
  if (type === 'take.superseded') return `is hidden, since take ${String(data['by'])} holds more of its render`
  if (type === 'take.noted' || type === 'shot.noted') return `has a note: ${String(data['text'])}`
  if (type === 'shot.moved') return `has moved to ${String(data['path'])}`
  if (type === 'shot.received') return `gets ${plural((data['files'] as unknown[]).length, 'file')} from elsewhere`
  return CHOSEN[type] ?? 'is changed'
}

interface Source {
  kind?: string
  name?: string
}

function origin({ kind, name }: Source): string {
  if (kind === 'request') return 'is asked for'
  return `comes in${name ? ` as ${name}` : ''}`
}
