/** What takes are called, on the page and to those who hear it. */

import { folderWords, seconds, spokenSeconds } from '../format.ts'
import type { Progress, Shot, Stage, Take } from '../types.ts'
import { lastFolder } from './paths.ts'

const STAGES: Record<Stage, string> = {
  arriving: 'Arriving',
  waiting: 'Waiting for a file',
  queued: 'Queued',
  running: 'Generating',
}

/** What `take_003` of a shot is called by people. */
export function takeName(take: Pick<Take, 'number'>): string {
  return `Take ${take.number}`
}

/** What tells a take from all others of the film: its shot's full id, and its own. */
export function keyOf(take: Pick<Take, 'shotId' | 'id'>): string {
  return `${take.shotId}/${take.id}`
}

/** The id of a take's card in the page. */
export function optionId(key: string): string {
  return `option-${encodeURIComponent(key)}`
}

/** The id of a take by its number, as the daemon pads it. */
export function takeId(number: number): string {
  return `take_${String(number).padStart(3, '0')}`
}

/** The number of a take by its id. */
export function takeNumber(id: string): number {
  return Number(id.replace(/^take_/, ''))
}

/** `010 Gulls Over The Pier` without its number. */
export function shotName(shot: Pick<Shot, 'path'>): string {
  return folderWords(lastFolder(shot.path)).words
}

/** The state of a take in a word or two; null where there is nothing to say. */
export function statusWord(take: Take): string | null {
  if (take.status === 'failed') return 'Failed'
  if (take.status === 'generating') return take.stage ? STAGES[take.stage] : 'Being made'
  return null
}

/** How far it has come: its message, or its part in a hundred. */
export function progressWord(progress: Progress | null): string | null {
  if (!progress) return null
  const part = progress.fraction === null ? null : `${Math.round(progress.fraction * 100)} %`
  return [part, progress.message].filter(Boolean).join(', ') || null
}

/** The first line of what was asked for, else where it comes from; null where neither is known. */
export function firstLine(take: Take): string | null {
  const prompt = take.generationParams?.['prompt']
  if (typeof prompt === 'string' && prompt.trim()) return prompt.trim().split('\n', 1)[0] ?? null
  return take.origin
}

/** `Take 3, complete, active, 5 seconds`. */
export function spokenTake(take: Take, progress: Progress | null = null): string {
  const status = take.status === 'generating' ? (statusWord(take)?.toLowerCase() ?? '') : take.status
  const parts = [takeName(take), take.purged ? 'purged' : status]
  if (progress?.fraction != null) parts.push(`${Math.round(progress.fraction * 100)} %`)
  if (take.active) parts.push('active')
  if (take.mark !== 'none') parts.push(take.mark === 'pick' ? 'picked' : 'rejected')
  if (take.rating) parts.push(`rated ${take.rating}`)
  if (take.deleted && !take.purged) parts.push('deleted')
  if (take.status === 'failed' && take.error) parts.push(take.error)
  if (take.duration) parts.push(spokenSeconds(take.duration))
  else if (take.media?.kind === 'image') parts.push('still')
  return parts.join(', ')
}

/** What the corner of its picture says: how long it is, or that it does not move. */
export function lengthWord(take: Take): string | null {
  if (take.duration) return seconds(take.duration)
  return take.media?.kind === 'image' ? 'Still' : null
}

/** Whether it was asked for and is not made yet, so that to delete it is to cancel it; a drop is made all the same. */
export function isAwaited(take: Take): boolean {
  return take.stage !== null && take.stage !== 'arriving'
}
