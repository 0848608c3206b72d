/** What guests see: the shots that were shared with them, asked of the daemon, or lying beside the page in its folder. */

import { seconds } from '../lib/format.ts'
import type { GuestFilm, GuestShot, GuestTake } from '../lib/types.ts'
import { frameSize, frameUrl } from '../lib/urls.ts'

declare global {
  interface Window {
    /** What a folder that plays without a server has in it. */
    film?: GuestFilm
  }
}

/** Thrown when the link leads nowhere any more, or the film is away. */
export class GoneError extends Error {}

export async function film(): Promise<GuestFilm> {
  if (window.film) return window.film
  const answer = await fetch('film.json', { cache: 'no-store' })
  if (answer.status === 401) throw new GoneError('This link has expired, or was withdrawn. Ask whoever sent it for another one.')
  if (!answer.ok) throw new GoneError('The film is away for now. Look again in a while.')
  return (await answer.json()) as GuestFilm
}

/** The take that stands for a shot: the active one, else the last. */
export function chosen(shot: GuestShot): GuestTake | undefined {
  return shot.takes.find((take) => take.active) ?? shot.takes.at(-1)
}

/** A take's picture, so many pixels wide; what lies in a folder is as wide as it is. */
export function picture(take: GuestTake, size: 320 | 640 | 1280): string {
  return isInFolder(take) ? take.picture : `${take.picture}&size=${size}`
}

/** A frame of a sequence by its own number, for a screen so many pixels wide. */
export function frame(take: GuestTake, number: number, pixels: number): string {
  if (isInFolder(take)) return take.picture.replace(/[^/]*$/, `frames/${number}.jpg`)
  return frameUrl({ thumbnailUrl: take.picture, mediaUrl: take.media }, number, frameSize(pixels))
}

function isInFolder({ picture }: GuestTake): boolean {
  return !picture.includes('?')
}

/** What browsers show of themselves, and may move. */
const MOVING = new Set(['gif', 'webp', 'png', 'apng'])

/** What stands for a take that is not played: where its own file is one that moves in a browser, that. */
export function standIn(take: GuestTake): string {
  const moves = take.kind === 'image' && !take.frames && take.duration !== null && MOVING.has(take.codec ?? '')
  return moves ? take.media : picture(take, 1280)
}

export function lengthOf(take: GuestTake): string {
  return take.duration ? seconds(take.duration) : take.kind === 'image' ? 'Still' : ''
}
