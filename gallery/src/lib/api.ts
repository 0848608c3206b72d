/** The daemon's API, as the page asks it: one function for each question, and errors that say what to do. */

import { earlyAnswer } from './early.ts'
import { parseJson, printJson } from './json.ts'
import type {
  AgainBody,
  BroughtList,
  CleanupBody,
  CleanupPlan,
  EventList,
  FilesBody,
  FoundList,
  JudgeFilmBody,
  JudgeShotBody,
  JudgeTakesBody,
  LogEvent,
  Moment,
  NewShot,
  NewShotBody,
  NoteState,
  NoteStateBody,
  Params,
  ProblemDetails,
  ProjectList,
  ProjectStatus,
  ProxyAnswer,
  Quality,
  QueuedTake,
  RequestBody,
  Search,
  SearchBody,
  SearchList,
  Shot,
  ShotList,
  Take,
  TakeBody,
  TakeList,
  UploadBody,
  UploadPlan,
  Usage,
} from './types.ts'
import { projectUrl, shotUrl, takeUrl, uploadUrl } from './urls.ts'

export * from './urls.ts'

/** Thrown when the daemon refuses; `problem` is what it said. */
export class ProblemError extends Error {
  constructor(readonly problem: ProblemDetails) {
    super(problem.detail)
    this.name = 'ProblemError'
  }
}

/** Thrown when nobody answers: the daemon is away. */
export class AwayError extends Error {
  constructor() {
    super('The daemon does not answer.')
    this.name = 'AwayError'
  }
}

/** Whether the daemon has refused with that status. */
export function isRefused(error: unknown, status: number): boolean {
  return error instanceof ProblemError && error.problem.status === status
}

/** Whether the daemon has refused, or has not answered; anything else is a fault of the page. */
export function isForeseen(error: unknown): error is ProblemError | AwayError {
  return error instanceof ProblemError || error instanceof AwayError
}

/** What went wrong, and what to do about it. */
export function errorText(error: Error): string {
  const hint = error instanceof ProblemError ? error.problem.hint : ''
  const end = /[.!?]$/.test(error.message) ? '' : '.'
  return hint ? `${error.message}${end} ${hint}` : error.message
}

/** The rules by which takes are given up; one that is not there gives up none. */
export type Rules = Pick<CleanupBody, 'deletedAfterDays' | 'failedAfterDays' | 'keepNewest'>

/** A key by which a request that is sent twice is done once. */
export function commandId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const random = crypto.getRandomValues(new Uint32Array(4))
  return Array.from(random, (part) => part.toString(16).padStart(8, '0')).join('-')
}

interface Asked {
  method?: string
  body?: unknown
  command?: string
  signal?: AbortSignal
}

/** Ask; the answer's JSON, else ProblemError or AwayError. */
export async function ask<Answer>(url: string, asked: Asked = {}): Promise<Answer> {
  const early = asked.method || asked.signal ? null : earlyAnswer(url)
  const text = early && (await early)
  if (text) return parseJson(text) as Answer
  const response = await send(url, asked)
  if (!response.ok) throw new ProblemError(await problemOf(response))
  return parseJson(await response.text()) as Answer
}

async function send(url: string, { method = 'GET', body, command, signal }: Asked): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json, application/problem+json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (command) headers['Idempotency-Key'] = command
  try {
    return await fetch(url, {
      method,
      headers,
      body: body === undefined ? null : printJson(body),
      signal: signal ?? null,
      credentials: 'same-origin',
      cache: 'no-store',
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new AwayError()
  }
}

/** What the daemon says of a refusal. */
export async function problemOf(response: Response): Promise<ProblemDetails> {
  const plain: ProblemDetails = {
    type: 'about:blank',
    title: response.statusText || 'Refused',
    status: response.status,
    detail: `The daemon answered with ${response.status}.`,
    hint: '',
  }
  if (!response.headers.get('content-type')?.includes('json')) return plain
  try {
    return { ...plain, ...((await response.json()) as Partial<ProblemDetails>) }
  } catch {
    return plain
  }
}

/** Have the video at that address made, and be told how far it is. */
export function makeProxy(url: string): Promise<ProxyAnswer> {
  return ask<ProxyAnswer>(url, { method: 'POST' })
}

/** The films that this person may see, and who that is. */
export function listProjects(): Promise<ProjectList> {
  return ask<ProjectList>('/api/projects')
}

/** With that added, by its names, as far as there is something; `asOf` is a position of the log, null for now. */
function asking(url: string, wanted: Readonly<Record<string, string | number | true | null | undefined>>): string {
  const query = Object.entries(wanted).flatMap(([name, value]) => (value == null ? [] : [`${name}=${encodeURIComponent(value)}`]))
  return query.length ? `${url}?${query.join('&')}` : url
}

export async function listShots(project: string, asOf: number | null = null): Promise<Shot[]> {
  return (await ask<ShotList>(asking(projectUrl(project, '/shots'), { asOf }))).shots
}

/** Make the folders of another shot; `scene` is a path, empty where there is no scene yet. */
export function newShot(project: string, name: string, scene: string): Promise<NewShot> {
  const body: NewShotBody = { name, scene: scene || null }
  return ask<NewShot>(projectUrl(project, '/shots'), { method: 'POST', body })
}

export function showShot(project: string, shot: string): Promise<Shot> {
  return ask<Shot>(shotUrl(project, shot))
}

/** On the page the `shotId` of a take is its shot's full id: that of no other shot. */
function ofShot(shotId: string, take: Take): Take {
  return { ...take, shotId }
}

export async function listTakes(project: string, shot: string, deleted = false, asOf: number | null = null): Promise<TakeList> {
  const list = await ask<TakeList>(asking(shotUrl(project, shot, '/takes'), { deleted: deleted || null, asOf }))
  return { ...list, takes: list.takes.map((take) => ofShot(shot, take)) }
}

export async function showTake(project: string, shot: string, take: string): Promise<Take> {
  return ofShot(shot, await ask<Take>(takeUrl(project, shot, take)))
}

export function showStatus(project: string): Promise<ProjectStatus> {
  return ask<ProjectStatus>(projectUrl(project, '/status'))
}

export function activate(project: string, shot: string, take: string): Promise<Take> {
  const body: TakeBody = { takeId: take }
  return ask<Take>(shotUrl(project, shot, '/active-take'), { method: 'PUT', body, command: commandId() })
}

/** What is to be so of takes; what is left out stays as it is. */
export type Judgement = Omit<JudgeTakesBody, 'takeIds'>

/** Have that be so of all those takes, or of none. */
export function judgeTakes(project: string, shot: string, takeIds: string[], wanted: Judgement): Promise<TakeList> {
  const body: JudgeTakesBody = { ...wanted, takeIds }
  return ask<TakeList>(shotUrl(project, shot, '/takes'), { method: 'PATCH', body, command: commandId() })
}

/** Have that be so of takes of several shots, by these, or of none: one choice, which is undone as one. */
export function judgeFilm(project: string, takes: ReadonlyMap<string, string[]>, wanted: Judgement): Promise<EventList> {
  const body: JudgeFilmBody = { ...wanted, shots: [...takes].map(([shotId, takeIds]) => ({ shotId, takeIds })) }
  return ask<EventList>(projectUrl(project, '/takes'), { method: 'PATCH', body, command: commandId() })
}

export function markNote(project: string, shot: string, take: string, note: number, state: NoteState): Promise<Take> {
  const body: NoteStateBody = { state }
  return ask<Take>(takeUrl(project, shot, take, `/notes/${note}`), { method: 'PATCH', body, command: commandId() })
}

export function markShotNote(project: string, shot: string, note: number, state: NoteState): Promise<Shot> {
  const body: NoteStateBody = { state }
  return ask<Shot>(shotUrl(project, shot, `/notes/${note}`), { method: 'PATCH', body, command: commandId() })
}

export function judgeShot(project: string, shot: string, body: JudgeShotBody): Promise<Shot> {
  return ask<Shot>(shotUrl(project, shot), { method: 'PATCH', body, command: commandId() })
}

/** Take back the last choice of whoever asks, or make it again; the events that do. 409 where there is nothing. */
export function takeBack(project: string, how: 'undo' | 'redo'): Promise<EventList> {
  return ask<EventList>(projectUrl(project, `/${how}`), { method: 'POST', command: commandId() })
}

export function acceptTake(project: string, shot: string, take: string): Promise<Take> {
  return ask<Take>(takeUrl(project, shot, take, '/accept'), { method: 'POST', command: commandId() })
}

/** Ask for another take; `workflow` is the file for this one alone. */
export function newTake(
  project: string,
  shot: string,
  params: Params,
  quality: Quality,
  workflow: string | null = null,
): Promise<QueuedTake> {
  const body: RequestBody = { generationParams: params, quality, workflow }
  return ask<QueuedTake>(shotUrl(project, shot, '/takes'), { method: 'POST', body, command: commandId() })
}

/** What takes are looked for: `seen` is the position behind which they are new. */
export interface Wanted {
  q: string
  sort: FoundOrder
  seen: number
  asOf: number | null
}

export type FoundOrder = 'newest' | 'number' | 'rating' | 'seed' | 'duration'

/** Of the takes that a query describes at most `limit`, in that order, behind the first `offset`. */
export async function findTakes(
  project: string,
  wanted: Wanted,
  { limit, offset = 0, signal }: { limit: number; offset?: number; signal?: AbortSignal },
): Promise<FoundList> {
  const url = asking(projectUrl(project, '/find'), { ...wanted, limit, offset })
  const list = await ask<FoundList>(url, signal ? { signal } : {})
  return { ...list, takes: list.takes.map(({ shotId, take }) => ({ shotId, take: ofShot(shotId, take) })) }
}

/** Whether there is room for files that are to become takes, and which of them cannot. */
export function planUpload(project: string, files: UploadBody['files']): Promise<UploadPlan> {
  const body: UploadBody = { files }
  return ask<UploadPlan>(projectUrl(project, '/uploads'), { method: 'POST', body })
}

/** Have all that was sent become takes of a shot; asked again, the answer is the same. */
export function bringUpload(project: string, shot: string, upload: string): Promise<BroughtList> {
  const body: FilesBody = { upload }
  return ask<BroughtList>(shotUrl(project, shot, '/files'), { method: 'POST', body })
}

/** Have a take's file, or a shot's folder, shown in the daemon's file manager; 409 where there is none. */
export async function reveal(project: string, shot: string, take: string | null): Promise<void> {
  const url = take === null ? shotUrl(project, shot, '/reveal') : takeUrl(project, shot, take, '/reveal')
  const response = await send(url, { method: 'POST' })
  if (!response.ok) throw new ProblemError(await problemOf(response))
}

export async function cancelUpload(project: string, upload: string): Promise<void> {
  await send(uploadUrl(project, upload), { method: 'DELETE' })
}

export async function listSearches(project: string, asOf: number | null = null): Promise<Search[]> {
  return (await ask<SearchList>(asking(projectUrl(project, '/searches'), { asOf }))).searches
}

/** Keep that query under the name; all that are kept. */
export async function saveSearch(project: string, name: string, query: string): Promise<Search[]> {
  const body: SearchBody = { query }
  const url = projectUrl(project, `/searches/${encodeURIComponent(name)}`)
  return (await ask<SearchList>(url, { method: 'PUT', body, command: commandId() })).searches
}

/** Keep nothing under that name; what is left. */
export async function removeSearch(project: string, name: string): Promise<Search[]> {
  const url = projectUrl(project, `/searches/${encodeURIComponent(name)}`)
  return (await ask<SearchList>(url, { method: 'DELETE', command: commandId() })).searches
}

/** The last events before that position, of one shot or of all, the newest first. */
export async function listEvents(project: string, shot: string | null, before: number, limit: number): Promise<LogEvent[]> {
  const url = asking(projectUrl(project, '/events'), { before, limit, shot })
  return (await ask<EventList>(url)).events.toReversed()
}

/** Which position of the log a moment is, such as `yesterday 18:00`; 422 where it is none. */
export function findMoment(project: string, at: string | number): Promise<Moment> {
  return ask<Moment>(asking(projectUrl(project, '/moment'), { at }))
}

/** Ask for a take's recipe again, with that seed or its own. */
export function makeAgain(project: string, shot: string, take: string, seed: number | null): Promise<QueuedTake> {
  const body: AgainBody = { seed }
  return ask<QueuedTake>(takeUrl(project, shot, take, '/again'), { method: 'POST', body, command: commandId() })
}

export function showUsage(project: string): Promise<Usage> {
  return ask<Usage>(projectUrl(project, '/du'))
}

/** The takes that would go by these rules; without any, by the configuration's policy, and 409 where there is none. */
export function planCleanup(project: string, rules: Rules = {}): Promise<CleanupPlan> {
  const body: CleanupBody = { ...rules, dryRun: true }
  return ask<CleanupPlan>(projectUrl(project, '/cleanup'), { method: 'POST', body })
}

/** Purge just the takes of that plan; 409 where the rules choose others by now. */
export function cleanUp(project: string, rules: Rules, plan: string): Promise<CleanupPlan> {
  const body: CleanupBody = { ...rules, plan }
  return ask<CleanupPlan>(projectUrl(project, '/cleanup'), { method: 'POST', body, command: commandId() })
}
