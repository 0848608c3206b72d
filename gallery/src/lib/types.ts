/** The shapes that the daemon's API answers with. */

export type ProjectState = 'starting' | 'live' | 'suspended'

export interface Project {
  id: string
  name: string
  path: string
  state: ProjectState
  reason: string | null
  shotCount: number | null
  takeCount: number | null
}

export interface Shot {
  /** The full id: the path with `:` for `/`. */
  id: string
  shotId: string
  path: string
  takeCount: number
  /** How many of them are being made. */
  makingCount: number
  activeTakeId: string | null
}

export type Status = 'generating' | 'complete' | 'failed'
/** How far a take is that is still being made: a drop is arriving; a request waits for a file, is queued, or runs. */
export type Stage = 'arriving' | 'waiting' | 'queued' | 'running'
export type Quality = 'draft' | 'standard' | 'high'
export type Params = Record<string, unknown>

export interface Media {
  name: string
  bytes: number
  sha256: string
  kind: 'video' | 'image' | 'audio'
  codec: string | null
  frameRate: number | null
}

export interface Take {
  id: string
  number: number
  /** The short id of its shot. */
  shotId: string
  created: string
  started: string | null
  /** Seconds. */
  duration: number | null
  resolution: { width: number; height: number } | null
  generationParams: Params | null
  resources: { vramUsed: number | null; generationTime: number | null; quality: Quality | null }
  status: Status
  stage: Stage | null
  error?: string
  origin: string | null
  active: boolean
  deleted: boolean
  /** Its bytes are gone for good; what is told of them, its recipe and its picture stay. */
  purged: boolean
  /** Since when. */
  purgedAt: string | null
  media: Media | null
  thumbnailUrl: string | null
  mediaUrl: string | null
}

export interface Progress {
  /** The full id of the shot. */
  shotId: string
  takeId: string
  /** 0 to 1; null where it is not known. */
  fraction: number | null
  message: string | null
}

export interface Runner {
  kind: 'none' | 'command' | 'comfyui'
  queued: number
  running: number
  problem: string | null
  /** The parameters that it listens to; null where it is given all of them. */
  inputs: string[] | null
}

/** How many complete takes have their bytes under a second name, by how that came to be, and how many have none. */
export interface Protection {
  takes: number
  reflink: number
  link: number
  copy: number
  none: number
  /** What the configuration wants done for that. */
  objects: 'auto' | 'copy' | 'off'
  /** The best that the film's disk can do; null for nothing. */
  disk: 'reflink' | 'link' | 'copy' | null
}

export type FileKind = 'media' | 'objects' | 'git' | 'sidecars' | 'cache' | 'log' | 'index' | 'other'

/** What a project takes up on the disk, in bytes; what is shared is counted once. */
export interface Usage {
  bytes: number
  kinds: Record<FileKind, number>
  /** What sharing saves. */
  shared: number
  /** Whether the disk shares more than it tells. */
  mayShare: boolean
}

/** The rules by which takes are given up; one that is not there gives up none. */
export interface Rules {
  deletedAfterDays?: number
  failedAfterDays?: number
  keepNewest?: number
}

/** The rules of the configuration, 0 for none, and the hours between two clean-ups by them. */
export interface Policy extends Required<Rules> {
  everyHours: number
}

export interface Leaving {
  /** The full id of the shot. */
  shotId: string
  takeId: string
  why: 'deleted' | 'failed' | 'older'
  since: string
  /** Its files, and the bytes that come back with each. */
  files: { path: string; kind: 'media' | 'object'; bytes: number }[]
}

/** The takes that go, or have gone: the bytes that come back with them, and what stays, and why. */
export interface Plan {
  /** Tells these takes from others. */
  plan: string
  bytes: number
  /** Whether fewer may come back, since files that nobody knows of may share these. */
  atMost: boolean
  /** What else to do, for more to come back. */
  note: string | null
  takes: Leaving[]
  left: { path: string; reason: string }[]
}

/** An error as the API tells it (RFC 9457). */
export interface Problem {
  title: string
  status: number
  detail: string
  hint: string
  errors?: { field: string; message: string }[]
}
