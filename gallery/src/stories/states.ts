/** Takes, shots and uploads in every state that the page knows. */

import { Sending } from '../lib/drop/sending.svelte.ts'
import type { Note, Take } from '../lib/types.ts'
import { aShot, aTake, inTheMaking, purged } from '../tests/samples.ts'

/** A picture that needs no server; what is asked of its size stands behind the #. */
const PICTURE = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#33445c"/><circle cx="11" cy="3.5" r="1.6" fill="#f2d7b0"/></svg>',
)}#`
const SEEN = { thumbnailUrl: PICTURE }

const NOTE: Note = { note: 1, text: 'mend the left edge', by: 'anna', at: '2024-03-05T10:00:00Z', frame: null, lastFrame: null, answers: null, state: 'open', drawing: [] }

export const TAKES: Record<string, Take> = {
  complete: aTake(1, SEEN),
  active: aTake(2, { ...SEEN, active: true }),
  'picked, rated, noted': aTake(3, { ...SEEN, mark: 'pick', rating: 4, tags: ['wide'], notes: [NOTE] }),
  rejected: aTake(4, { ...SEEN, mark: 'reject' }),
  'without a picture': aTake(5, { thumbnailUrl: null }),
  failed: aTake(6, { status: 'failed', error: 'it could not be decoded: the file ends in the middle of a frame', media: null }),
  arriving: inTheMaking(7, { stage: 'arriving' }),
  queued: inTheMaking(8),
  waiting: inTheMaking(9, { stage: 'waiting' }),
  running: inTheMaking(10, { stage: 'running' }),
  deleted: aTake(11, { ...SEEN, deleted: true }),
  purged: purged(12, SEEN),
}

export const SHOTS = {
  'with an active take': aShot('01_Harbour/001_Gulls', { takeCount: 5, activeTakeId: null, stage: 'review', lastNumber: 5 }),
  'in the making': aShot('01_Harbour/002_Boat', { takeCount: 2, makingCount: 2 }),
  empty: aShot('01_Harbour/003_Swell'),
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
