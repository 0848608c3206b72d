/** What people have said and chosen, in a few words. */

import type { LogEvent } from '../types.ts'
import { pathOf, lastFolder } from './paths.ts'

const MARKS: Readonly<Record<string, string>> = {
  pick: 'picked',
  reject: 'rejected',
  none: 'neither picked nor rejected',
}

const CHOSEN: Readonly<Record<string, string>> = {
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
  const { take } = first.data
  const where = first.shotId === shown ? '' : `${lastFolder(pathOf(first.shotId))}: `
  return `${where}${typeof take === 'number' ? `Take ${take}` : 'The shot'} ${words(first)}${more}.`
}

function words({ type, data }: LogEvent): string {
  if (type === 'take.rated') return data['rating'] ? `is rated ${data['rating']}` : 'is not rated any more'
  if (type === 'take.marked') return `is ${MARKS[String(data['mark'])] ?? 'marked'}`
  if (type === 'shot.staged') return data['stage'] ? `is at ${data['stage']}` : 'is at no stage any more'
  return CHOSEN[type] ?? 'is changed'
}
