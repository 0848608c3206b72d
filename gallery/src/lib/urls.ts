/** The addresses of the daemon's API, and of what lies on the disk. */

import type { Take } from './types.ts'

/** A full shot id or a take's id, as it stands in an address. */
function segment(id: string): string {
  return encodeURIComponent(id).replaceAll('%3A', ':')
}

export function projectUrl(project: string, rest = ''): string {
  return `/api/projects/${segment(project)}${rest}`
}

export function shotUrl(project: string, shot: string, rest = ''): string {
  return projectUrl(project, `/shots/${segment(shot)}${rest}`)
}

export function takeUrl(project: string, shot: string, take: string, rest = ''): string {
  return shotUrl(project, shot, `/takes/${segment(take)}${rest}`)
}

/** Where an upload goes, or a file of one by its path. */
export function uploadUrl(project: string, upload: string, path = ''): string {
  return projectUrl(project, `/uploads/${[upload, ...path.split('/')].filter(Boolean).map(segment).join('/')}`)
}

export type ThumbnailSize = 160 | 320 | 640 | 1280
export const THUMBNAIL_SIZES: readonly ThumbnailSize[] = [160, 320, 640, 1280]

/** Of a purged take, whose other sizes nothing is left to make from. */
const PURGED_SIZE = 320

/** The address of a take's picture, that wide; null where it has none (yet). */
export function thumbnailUrl(take: Take, size: ThumbnailSize): string | null {
  return take.thumbnailUrl && withSize(take.thumbnailUrl, take.purged ? PURGED_SIZE : size)
}

/** The sizes of a take's picture, for `srcset`. */
export function thumbnailSet(take: Take, sizes: readonly ThumbnailSize[] = THUMBNAIL_SIZES): string | null {
  if (!take.thumbnailUrl || take.purged) return null
  return sourceSet(take.thumbnailUrl, sizes)
}

/** Those sizes of the picture at an address, for `srcset`. */
export function sourceSet(url: string, sizes: readonly ThumbnailSize[]): string {
  return sizes.map((size) => `${withSize(url, size)} ${size}w`).join(', ')
}

function withSize(url: string, size: ThumbnailSize | FrameSize): string {
  return `${url}${url.includes('?') ? '&' : '?'}size=${size}`
}

export const FILMSTRIP_FRAMES = 16

/** The address of a take's filmstrip: 16 frames of 160 x 90 side by side; null for what does not move. */
export function filmstripUrl(take: Take): string | null {
  if (!take.mediaUrl || !take.thumbnailUrl || (take.media?.kind !== 'video' && !take.media?.frames)) return null
  return take.thumbnailUrl.replace(/\/thumbnail(?=$|\?)/, '/filmstrip')
}

/** The address of how loud a video's sound is; null for what has none, and for a sound, which is seen as that already. */
export function waveformUrl(take: Take): string | null {
  if (!take.mediaUrl || take.media?.kind !== 'video' || !take.channels) return null
  return (take.thumbnailUrl ?? take.mediaUrl).replace(/\/(thumbnail|media)(?=$|\?)/, '/waveform')
}

export const FRAME_SIZES = [640, 1280, 1920, 3840] as const
export type FrameSize = (typeof FRAME_SIZES)[number]

/** The size of frames that are seen so many pixels wide. */
export function frameSize(pixels: number): FrameSize {
  return FRAME_SIZES.find((size) => size >= pixels) ?? 3840
}

/** What a picture of a take is asked for by. */
type Drawn = Pick<Take, 'thumbnailUrl' | 'mediaUrl'>

/** The address of a frame of an image sequence, by its own number; `grade` is how it is to be looked at. */
export function frameUrl(take: Drawn, number: number, size: FrameSize, grade = ''): string {
  return drawnUrl(take, `frames/${number}`, size, grade)
}

/** The address of a still as every browser shows it. */
export function stillUrl(take: Take, size: FrameSize, grade = ''): string {
  return drawnUrl(take, 'still', size, grade)
}

function drawnUrl(take: Drawn, what: string, size: FrameSize, grade: string): string {
  const url = take.thumbnailUrl ?? take.mediaUrl ?? ''
  return withSize(url.replace(/\/(thumbnail|media)(?=$|\?)/, `/${what}`), size) + (grade && `&${grade}`)
}

/** The address of a video as every browser plays it; null for what is none. */
export function proxyUrl(take: Take): string | null {
  if (!take.mediaUrl || take.media?.kind !== 'video') return null
  return take.mediaUrl.replace(/\/media(?=$|\?)/, '/proxy')
}

/** Where a take's file is on the disk; null where it has none. `shotPath` is relative to the project's folder. */
export function filePath(projectPath: string, shotPath: string, take: Take): string | null {
  const name = take.media?.frames?.pattern ?? take.media?.name
  return name && !take.purged ? `${projectPath}/${shotPath}/takes/${take.id}/${name}` : null
}

/** Where the drops of a shot go. */
export function dropPath(projectPath: string, shotPath: string): string {
  return `${projectPath}/${shotPath}/takes/`
}

/** The film as a file: for an edit, or to be looked at. */
export function exportUrl(project: string, { at = 'export', format }: { at?: string; format: string }): string {
  return projectUrl(project, `/${at}?format=${format}`)
}

export function eventsUrl(project: string, after: number): string {
  return projectUrl(project, `/events?after=${after}`)
}
