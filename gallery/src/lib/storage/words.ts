/** What is said of how a project is stored. */

import { count, date, folderWords, plural } from '../format.ts'
import type { FileKind, Leaving, Protection } from '../types.ts'

export const KINDS: readonly (readonly [kind: FileKind, words: string])[] = [
  ['media', 'Media'],
  ['objects', 'Objects beyond them'],
  ['sidecars', 'Sidecars and thumbnails'],
  ['cache', 'Cache'],
  ['log', 'Log'],
  ['index', 'Index'],
  ['other', 'Other files'],
]

const FROM_MOST = 'from being saved over or removed'
const FROM_ALL = 'from being saved over, edited or removed'

/** How well the takes are protected, in one sentence. */
export function protectionWords({ takes, none, link, disk }: Protection): string {
  if (takes === 0 && !disk) return 'There is no take yet, and none would be protected.'
  if (takes === 0) return `There is no take yet; what comes is protected ${disk === 'link' ? FROM_MOST : FROM_ALL}.`
  if (none === takes) return `No take is protected ${FROM_MOST}.`
  if (none > 0) return `${count(none)} of ${plural(takes, 'take')} ${none === 1 ? 'is' : 'are'} not protected ${FROM_MOST}.`
  if (link === 0) return `Every take is protected ${FROM_ALL}.`
  const which = link < takes ? ` in ${count(link)} of them` : ''
  return `Every take is protected ${FROM_MOST}; an edit in place is found, and cannot be undone${which}.`
}

/** Whether something can be done about that. */
export function isUnprotected({ takes, none, disk }: Protection): boolean {
  return none > 0 || (takes === 0 && !disk)
}

const WHY = { deleted: 'deleted', failed: 'failed', older: 'older than the newest, made' } as const

/** `The Harbour › Before Dawn · deleted 12 Nov 14:05`. */
export function leavingWords({ shotId, why, since }: Leaving): string {
  const above = shotId.split(':').slice(0, -1).map((name) => folderWords(name).words)
  return [above.join(' › '), `${WHY[why]} ${date(since)}`].filter(Boolean).join(' · ')
}

/** `Gulls Over The Pier · Take 2`. */
export function leavingName({ shotId, takeId }: Leaving): string {
  const shot = folderWords(shotId.split(':').at(-1) ?? shotId).words
  return `${shot} · Take ${Number(takeId.replace(/^take_/, ''))}`
}

/** The bytes that come back with a take. */
export function backOf({ files }: Leaving): number {
  return files.reduce((sum, file) => sum + file.bytes, 0)
}
