/** What can be played or shown of a take, and what is said where that is nothing. */

import { isAnimated } from '../sequence/animation.ts'
import { codecWords } from '../format.ts'
import type { Take } from '../types.ts'

/** Whether there is a file to show at all. */
export function hasMedia(take: Take): boolean {
  return take.status === 'complete' && take.media !== null && take.mediaUrl !== null
}

/** Whether it can be made the one that its shot uses. */
export function canActivate(take: Take): boolean {
  return hasMedia(take) && !take.active && !take.deleted
}

/** Why a take is not shown: it is not made yet, has failed, is purged, or is of a kind that the browser does not know. */
export function whyNot(take: Take): string {
  if (take.status === 'generating') return NOT_YET[take.stage ?? 'running']
  if (take.status === 'failed') return `It failed: ${take.error ?? 'nobody knows why.'}`
  if (take.purged) return 'It is purged: its recipe is kept, and its file is gone for good.'
  if (!take.media) return 'Its file is gone.'
  if (take.media.frames) return 'Its frames cannot be shown now, so here is a still.'
  const codec = take.media.codec ? codecWords(take.media.codec) : 'this kind of file'
  return `This browser cannot ${VERBS[take.media.kind]} ${codec}${take.thumbnailUrl ? ', so here is a still' : ''}.`
}

/** Whether it does not move: a picture, and no sequence of them. */
export function isStill(take: Take): boolean {
  return take.media?.kind === 'image' && !take.media.frames && !isAnimated(take)
}

/** The frame rate of a take's file, where it has one. */
export function rateOf(take: Take): number | null {
  return take.media?.frameRate ?? null
}

/** What no browser plays: it is known beforehand that there has to be a proxy. */
const FOREIGN: ReadonlySet<string> = new Set(['prores', 'dnxhd', 'cfhd', 'ffv1', 'mpeg2video', 'rawvideo', 'v210', 'qtrle'])

export function needsProxy({ media }: Take): boolean {
  return media?.kind === 'video' && FOREIGN.has(media.codec ?? '')
}

/** Width by height of a take's picture. */
export function ratioOf(take: Take): number {
  return take.resolution ? take.resolution.width / take.resolution.height : 16 / 9
}

/** Whether a video that has loaded has no picture: the browser knows its sound, and not its pictures. */
export function hasNoPicture(video: HTMLVideoElement): boolean {
  return video.videoWidth === 0
}

const VERBS = { video: 'play', audio: 'play', image: 'show' } as const

const NOT_YET = {
  arriving: 'Its file is still arriving.',
  waiting: 'It waits for its file.',
  queued: 'It waits for its turn.',
  running: 'It is being made.',
} as const
