/** What is said of how a project is stored. */

import { shotName, takeNumber } from '../film/names.ts'
import { pathOf } from '../film/paths.ts'
import { crumbs } from '../film/tree.ts'
import { bytes, count, date, plural } from '../format.ts'
import type { CleanupPlan, Kinds, Policy, Protection, PurgedTake } from '../types.ts'

export const KINDS: readonly (readonly [kind: keyof Kinds, words: string])[] = [
  ['media', 'Media'],
  ['objects', 'Objects beyond them'],
  ['git', 'Git LFS beyond them'],
  ['sidecars', 'Sidecars and thumbnails'],
  ['cache', 'Cache'],
  ['log', 'Log'],
  ['index', 'Index'],
  ['other', 'Other files'],
]

const FROM_MOST = 'from being saved over or removed'
const FROM_ALL = 'from being saved over, edited or removed'

/** How well the takes are protected, in one sentence. */
export function protectionWords(protection: Protection): string {
  const { takes, none, link, disk } = protection
  if (takes === 0 && isUnprotected(protection)) return 'There is no take yet, and none would be protected.'
  if (takes === 0) return `There is no take yet; what comes is protected ${disk === 'link' ? FROM_MOST : FROM_ALL}.`
  if (none === takes) return `No take is protected ${FROM_MOST}.`
  if (none > 0) return `${count(none)} of ${plural(takes, 'take')} ${none === 1 ? 'is' : 'are'} not protected ${FROM_MOST}.`
  if (link === 0) return `Every take is protected ${FROM_ALL}.`
  const which = link < takes ? ` in ${count(link)} of them` : ''
  return `Every take is protected ${FROM_MOST}; an edit in place is found, and cannot be undone${which}.`
}

/** `deleted 7 days ago, failed 2 days ago, older than the newest 5`; null where the configuration has no rules. */
export function policyWords(policy: Policy | undefined): string | null {
  if (!policy) return null
  const { deletedAfterDays, failedAfterDays, keepNewest } = policy
  const words = [
    deletedAfterDays && `deleted ${plural(deletedAfterDays, 'day')} ago`,
    failedAfterDays && `failed ${plural(failedAfterDays, 'day')} ago`,
    keepNewest && `older than the newest ${count(keepNewest)}`,
  ].filter(Boolean)
  return words.length > 0 ? words.join(', ') : null
}

/** Whether something can be done about that. */
export function isUnprotected({ takes, none, objects, disk }: Protection): boolean {
  return none > 0 || (takes === 0 && (!disk || objects === 'off'))
}

const WHY = { deleted: 'deleted', failed: 'failed', older: 'older than the newest, made' } as const

/** `The Harbour › Before Dawn · deleted 12 Nov 14:05`. */
export function leavingWords({ shotId, why, since }: PurgedTake): string {
  const above = crumbs(pathOf(shotId)).slice(0, -1).map((crumb) => crumb.words)
  return [above.join(' › '), `${WHY[why]} ${date(since)}`].filter(Boolean).join(' · ')
}

/** `Gulls Over The Pier · Take 2`. */
export function leavingName({ shotId, takeId }: PurgedTake): string {
  return `${shotName({ path: pathOf(shotId) })} · Take ${takeNumber(takeId)}`
}

/** `48 MB`, or `up to 48 MB` where files that nobody knows of may share them. */
export function backWords({ bytes: back, atMost }: CleanupPlan): string {
  return atMost ? `up to ${bytes(back)}` : bytes(back)
}

/** The bytes that come back with a take. */
export function backOf({ files }: PurgedTake): number {
  return files.reduce((sum, file) => sum + file.bytes, 0)
}
