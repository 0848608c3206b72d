/** Takes and shots to try things with. */

import type { Frames, Gap, Media, Project, Shot, Take } from '../lib/types.ts'

export const RECIPE = {
  prompt: 'gulls over the pier, soft fog',
  negativePrompt: 'text, logo',
  model: 'wan2.2',
  seed: 42,
  steps: 20,
  cfg: 6.5,
  sampler: 'euler',
  loras: [{ name: 'fog', weight: 0.6 }],
}

const MEDIA: Media = {
  name: 'shot_001_take_001.mp4',
  bytes: 1_234_567,
  sha256: 'ab'.repeat(32),
  kind: 'video',
  codec: 'h264',
  frameRate: 24,
  frames: null,
}

export function take(number: number, changes: Partial<Take> = {}, media: Partial<Media> = {}): Take {
  const id = `take_${String(number).padStart(3, '0')}`
  return {
    id,
    number,
    shotId: '001_Gulls',
    created: '2026-03-03T10:00:00Z',
    started: null,
    duration: 3,
    resolution: { width: 1280, height: 720 },
    generationParams: RECIPE,
    resources: { vramUsed: 8192, generationTime: 12.5, quality: 'high' },
    status: 'complete',
    stage: null,
    origin: null,
    active: false,
    deleted: false,
    purged: false,
    purgedAt: null,
    position: number,
    rating: 0,
    mark: 'none',
    tags: [],
    notes: [],
    media: { ...MEDIA, ...media },
    thumbnailUrl: `/api/${id}/thumbnail`,
    mediaUrl: `/api/${id}/media`,
    ...changes,
  }
}

/** The frames of a sequence that has those numbers. */
export function sequence(numbers: readonly number[] = [1, 2, 3, 4]): Frames {
  const [first = 1, last = 1] = [numbers[0], numbers.at(-1)]
  const gaps = numbers.flatMap((number, index): Gap[] => {
    const next = numbers[index + 1] ?? number + 1
    return next > number + 1 ? [{ first: number + 1, last: next - 1 }] : []
  })
  const missing = last - first + 1 - numbers.length
  const name = 'shot_001_take_001'
  return { pattern: `${name}.%04d.exr`, poster: `${name}.0001.exr`, first, last, count: numbers.length, bytes: 100, missing, gaps, rate: 24 }
}

/** A take of frames. */
export function sequenceTake(number: number, numbers?: readonly number[]): Take {
  const frames = sequence(numbers)
  const duration = (frames.last - frames.first + 1) / 24
  return take(number, { duration }, { kind: 'image', codec: 'exr', name: 'shot_001_take_001.frames', frames })
}

export function shot(name = '001_Gulls_Over_The_Pier'): Shot {
  return { id: name, shotId: name, path: name, takeCount: 1, makingCount: 0, activeTakeId: 'take_001', activeLength: null, lastNumber: 0, stage: null, notes: [] }
}

export const PROJECT: Project = {
  id: 'film',
  name: 'The Crossing',
  path: '/films/crossing',
  state: 'live',
  reason: null,
  shotCount: 3,
  takeCount: 3,
  stages: [],
  role: 'supervisor',
}
