/** Takes, shots and projects for the tests. */

import type {
  CleanupPlan,
  ProblemDetails,
  Project,
  ProjectStatus,
  Protection,
  PurgedTake,
  Shot,
  Take,
  Usage,
} from '../lib/types.ts'

export const PROJECT: Project = {
  id: 'myfilm',
  name: 'MyFilm',
  path: '/films/MyFilm',
  state: 'live',
  reason: null,
  shotCount: 3,
  takeCount: 5,
  stages: ['to do', 'in work', 'review', 'approved'],
  role: 'supervisor',
}

export const GULLS = '01_Harbour:01_Dawn:001_Gulls'

export function aShot(path: string, more: Partial<Shot> = {}): Shot {
  const shotId = path.split('/').at(-1) ?? path
  return { id: path.replaceAll('/', ':'), shotId, path, takeCount: 0, makingCount: 0, activeTakeId: null, activeLength: null, lastNumber: 0, stage: null, notes: [], ...more }
}

export function takeIdOf(number: number): string {
  return `take_${String(number).padStart(3, '0')}`
}

export function aTake(number: number, more: Partial<Take> = {}): Take {
  const id = takeIdOf(number)
  const address = `/api/projects/myfilm/shots/${GULLS}/takes/${id}`
  return {
    id,
    number,
    shotId: '001_Gulls',
    created: '2024-03-05T10:00:00Z',
    started: null,
    duration: 5,
    resolution: { width: 1280, height: 720 },
    generationParams: { prompt: `gulls, number ${number}`, seed: number },
    resources: { vramUsed: null, generationTime: null, quality: null },
    status: 'complete',
    stage: null,
    origin: `render_${number}.mp4`,
    active: false,
    deleted: false,
    purged: false,
    purgedAt: null,
    position: number,
    rating: 0,
    mark: 'none',
    tags: [],
    notes: [],
    media: { name: `shot_001_${id}.mp4`, bytes: 1_000, sha256: 'a', kind: 'video', codec: 'h264', frameRate: 24, frames: null },
    thumbnailUrl: `${address}/thumbnail`,
    mediaUrl: `${address}/media`,
    ...more,
  }
}

export function inTheMaking(number: number, more: Partial<Take> = {}): Take {
  const nothing = { duration: null, media: null, thumbnailUrl: null, mediaUrl: null }
  return aTake(number, { ...nothing, status: 'generating', stage: 'queued', ...more })
}

/** A take whose bytes are gone for good. */
export function purged(number: number, more: Partial<Take> = {}): Take {
  return aTake(number, { deleted: true, purged: true, purgedAt: '2024-03-06T10:00:00Z', mediaUrl: null, ...more })
}

export const USAGE: Usage = {
  bytes: 1_010_000,
  kinds: { media: 1_000_000, objects: 0, git: 0, sidecars: 0, cache: 0, log: 10_000, index: 0, other: 0 },
  shots: [],
  shared: 0,
  mayShare: false,
}

export const PROTECTED: Protection = {
  takes: 4,
  reflink: 4,
  link: 0,
  copy: 0,
  none: 0,
  objects: 'auto',
  disk: 'reflink',
  says: '4 takes by reflink',
}

/** A project of which there is nothing to say, its log empty. */
export const STATUS: ProjectStatus = {
  id: PROJECT.id,
  name: PROJECT.name,
  path: PROJECT.path,
  state: 'live',
  position: 0,
  projections: [],
  share: null,
  studio: null,
  watch: { mode: 'inotify', folders: 1, losses: 0, missed: 0 },
  lastScan: null,
  runner: { kind: 'command', queued: 0, running: 0, problem: null, inputs: null },
  protection: PROTECTED,
  cleanup: { deletedAfterDays: 0, failedAfterDays: 0, keepNewest: 0, everyHours: 24 },
  waiting: [],
  notTaken: [],
  unread: [],
  problems: [],
}

/** What the daemon says when it refuses. */
export function aRefusal(status: number, title: string, detail: string, hint = ''): ProblemDetails {
  return { type: `urn:takes:${title.toLowerCase().replaceAll(' ', '-')}`, title, status, detail, hint }
}

/** A plan by which nothing goes. */
export const NO_PLAN: CleanupPlan = {
  dryRun: true,
  plan: 'none',
  bytes: 0,
  atMost: false,
  note: null,
  takes: [],
  left: [],
}

/** A plan by which those takes of the shot go, each with so many bytes. */
export function aPlan(numbers: readonly number[], bytes = 1_000, more: Partial<PurgedTake> = {}): CleanupPlan {
  const takes = numbers.map((number): PurgedTake => {
    const takeId = takeIdOf(number)
    const files: PurgedTake['files'] = [{ path: `takes/${takeId}/shot_001_${takeId}.mp4`, kind: 'media', bytes }]
    return { shotId: GULLS, takeId, why: 'deleted', since: '2024-03-01T10:00:00Z', files, ...more }
  })
  return { ...NO_PLAN, plan: numbers.join(' '), bytes: numbers.length * bytes, takes }
}
