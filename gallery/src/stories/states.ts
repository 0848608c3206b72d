/** Takes, shots and uploads in every state that the page knows. */

import { Sending } from '../lib/drop/sending.svelte.ts'
import type { Note, Take } from '../lib/types.ts'
import { aShot, aTake, inTheMaking, purged } from '../tests/samples.ts'

/** A picture that needs no server; what is asked of its size stands behind the #. */
const PICTURE = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#33445c"/><circle cx="11" cy="3.5" r="1.6" fill="#f2d7b0"/></svg>',
)}#`
const SEEN = { thumbnailUrl: PICTURE }

/** How loud something is. */
const WAVE = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9"/><path d="M0 4.5 2 3l1 3 2-4 1 5 2-3 2 2 1-4 2 5 3-3" fill="none" stroke="#9ab8d6" stroke-width=".4"/></svg>',
)}#`
const FILE = { name: 'a.mov', bytes: 52_857_053, sha256: 'a', kind: 'video', codec: 'h264', frameRate: 24, frames: null } as const
const FRAMES = { pattern: 'render.%04d.exr', poster: 'render.1012.exr', first: 1001, last: 1024, count: 22, bytes: 9_000_000, missing: 2, gaps: [{ first: 1013, last: 1014 }], rate: 24 }

const NOTE: Note = { note: 1, text: 'mend the left edge', by: 'anna', at: '2024-03-05T10:00:00Z', frame: null, lastFrame: null, answers: null, state: 'open', drawing: [] }

export const NOTES: readonly Note[] = [
  { ...NOTE, frame: 12, lastFrame: 40 },
  { ...NOTE, note: 2, answers: 1, by: 'mara', text: 'It is the lens, and was there on the day.' },
  { ...NOTE, note: 3, state: 'resolved', by: null },
  { ...NOTE, note: 4, by: 'ליאת', text: 'השמיים בהירים מדי' },
  { ...NOTE, note: 5, text: `see https://example.org/${'a'.repeat(120)}` },
]

export const TAKES: Record<string, Take> = {
  complete: aTake(1, SEEN),
  active: aTake(2, { ...SEEN, active: true }),
  'picked, rated, noted': aTake(3, { ...SEEN, mark: 'pick', rating: 4, tags: ['wide'], notes: [NOTE] }),
  rejected: aTake(4, { ...SEEN, mark: 'reject' }),
  'without a picture': aTake(5, { thumbnailUrl: null }),
  failed: aTake(6, { status: 'failed', thumbnailUrl: null, error: 'it could not be decoded: the file ends in the middle of a frame', media: null }),
  arriving: inTheMaking(7, { stage: 'arriving' }),
  queued: inTheMaking(8),
  waiting: inTheMaking(9, { stage: 'waiting' }),
  running: inTheMaking(10, { stage: 'running' }),
  'just come': aTake(13, { ...SEEN, created: new Date().toISOString() }),
  still: aTake(14, { ...SEEN, duration: null, media: { ...FILE, kind: 'image', codec: 'png' } }),
  sequence: aTake(15, { ...SEEN, origin: 'render', media: { ...FILE, kind: 'image', codec: 'exr', frames: FRAMES } }),
  sound: aTake(16, { ...SEEN, thumbnailUrl: WAVE, channels: 2, media: { ...FILE, kind: 'audio', codec: 'pcm_s16le' } }),
  HDR: aTake(17, { ...SEEN, resolution: { width: 3840, height: 2160 }, media: { ...FILE, codec: 'hevc' } }),
  'upright, with many tags': aTake(18, { ...SEEN, resolution: { width: 1080, height: 1920 }, tags: ['wide', 'night', 'a tag that nobody reads', 'b'], notes: [NOTE, NOTE] }),
  'with long words': aTake(1_999, { ...SEEN, rating: 5, mark: 'pick', origin: `${'a_very_long_name_'.repeat(9)}.mp4`, generationParams: { prompt: 'Donaudampfschifffahrtsgesellschaft'.repeat(6), model: `models/${'folder/'.repeat(12)}wan.safetensors`, seed: 18_446_744_073_709_551_615n } }),
  'from right to left': aTake(20, { ...SEEN, tags: ['שלום'], generationParams: { prompt: 'نوارس فوق الرصيف عند الفجر، 35 mm، من اليسار', seed: 7 } }),
  deleted: aTake(11, { ...SEEN, deleted: true }),
  purged: purged(12, SEEN),
}

export const SHOTS = {
  'with an active take': aShot('01_Harbour/001_Gulls', { takeCount: 5, activeTakeId: null, stage: 'review', lastNumber: 5 }),
  'in the making': aShot('01_Harbour/002_Boat', { takeCount: 2, makingCount: 2 }),
  empty: aShot('01_Harbour/003_Swell'),
  'with very many takes': aShot(`01_Harbour/004_${'Very_Long_'.repeat(9)}Name`, { takeCount: 2_000, stage: 'approved', lastNumber: 2_000 }),
  'from right to left': aShot('01_Harbour/005_شارع_السوق_عند_الفجر', { takeCount: 1, lastNumber: 1 }),
}

const file = (name: string): File => new File(['a render'], name)

/** Uploads that are not begun, each in a state of its own. */
export function sendings(): Sending[] {
  const of = (state: Sending['state'], more: Partial<Sending> = {}): Sending => {
    const sending = new Sending('myfilm', '01_Harbour:001_Gulls', [{ path: 'gulls.mp4', file: file('gulls.mp4') }])
    return Object.assign(sending, { state, ...more })
  }
  const left = [{ path: 'notes.docx', reason: 'its extension is not one of a video, an image or a sound' }]
  return [
    of('sending'),
    of('placing'),
    of('failed', { problem: 'The film’s disk has 12 bytes free. Make room on it, and drop the files again.' }),
    of('done', { left }),
  ]
}
