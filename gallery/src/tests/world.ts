/** A daemon of a few lines, for the page to talk to: it answers, and its event stream says what the test says. */

import { vi } from 'vitest'
import type {
  Asker,
  CleanupPlan,
  EventType,
  FoundList,
  JudgeFilmBody,
  JudgeTakesBody,
  LogEvent,
  Note,
  NoteState,
  ProblemDetails,
  Progress,
  Project,
  ProjectStatus,
  Search,
  Shot,
  Take,
  Usage,
} from '../lib/types.ts'
import { aRefusal, aShot, GULLS, NO_PLAN, PROJECT, STATUS, USAGE } from './samples.ts'

type Judged = Partial<JudgeTakesBody> & { state?: NoteState }

/** One connection to the event stream. */
export class FakeSource extends EventTarget {
  onerror: (() => void) | null = null
  isClosed = false

  constructor(readonly url: string) {
    super()
    World.current?.sources.push(this)
    queueMicrotask(() => World.current?.connected(this))
  }

  get after(): number {
    return Number(new URL(this.url, 'http://page').searchParams.get('after'))
  }

  close(): void {
    this.isClosed = true
  }

  send(type: string, data: unknown): void {
    if (!this.isClosed) this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
}

export class World {
  static current: World | null = null

  projects: Project[] = [{ ...PROJECT }]
  /** Who is at the page. */
  asker: Asker = { name: 'anna', owner: true }
  shots: Shot[] = []
  takes = new Map<string, Take[]>()
  log: LogEvent[] = []
  logId = 'log-1'
  /** Nobody answers. */
  isAway = false
  /** What the list of shots waits for. */
  shotsAfter: Promise<void> | null = null
  /** What every question is answered with, where the daemon refuses. */
  refusal: ProblemDetails | null = null
  status: Partial<ProjectStatus> = {}
  usage: Usage = USAGE
  /** What takes that are found have in common. */
  facets: FoundList['facets'] = {}
  searches: Search[] = []
  /** What a clean-up would purge, by whatever rules. */
  plan: CleanupPlan = NO_PLAN
  /** What a purge waits for. */
  purgedAfter: Promise<void> | null = null
  /** What the takes of a shot were before each of the changes, the last one last; and after those taken back. */
  past: { shotId: string; takes: Take[]; type: EventType }[] = []
  future: { shotId: string; takes: Take[]; type: EventType }[] = []
  sources: FakeSource[] = []
  /** Every request, as `GET /api/projects`. */
  asked: string[] = []
  bodies: unknown[] = []

  constructor() {
    World.current = this
    vi.stubGlobal('EventSource', FakeSource)
    vi.stubGlobal('fetch', (url: string, init?: RequestInit) => this.#fetch(url, init))
  }

  /** A shot with those takes. */
  add(path: string, takes: Take[] = [], more: Partial<Shot> = {}): Shot {
    const active = takes.find((take) => take.active)
    const shot = aShot(path, { takeCount: takes.length, activeTakeId: active?.id ?? null, ...more })
    this.shots.push(shot)
    this.takes.set(shot.id, takes)
    return shot
  }

  get stream(): FakeSource {
    const source = this.sources.at(-1)
    if (!source) throw new Error('nobody listens')
    return source
  }

  connected(source: FakeSource): void {
    if (this.isAway || this.refusal || source.after > this.log.length) return source.onerror?.()
    source.send('log.opened', { logId: this.logId, position: this.log.length })
    for (const event of this.log) if (event.position > source.after) source.send(event.type, event)
  }

  /** Write to the log; those who listen hear it at once. */
  tell(type: EventType, take?: number, shotId = GULLS, bytes?: number): void {
    const position = this.log.length + 1
    const about = take === undefined ? {} : { take, ...(bytes === undefined ? {} : { bytes }) }
    const data = { type, ...about }
    const at = new Date().toISOString()
    const more = { stream: shotId, version: position, id: String(position), at, actor: 'api', cause: null, hash: '' }
    const event: LogEvent = { position, shotId, type, data, ...more }
    this.log.push(event)
    if (!this.isAway) this.sources.at(-1)?.send(type, event)
  }

  progress(progress: Progress): void {
    this.stream.send('take.progress', progress)
  }

  /** The daemon goes, and the connection with it. */
  leave(): void {
    this.isAway = true
    this.stream.onerror?.()
  }

  countOf(request: string): number {
    return this.asked.filter((one) => one === request).length
  }

  async #fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, 'http://page')
    const method = init.method ?? 'GET'
    this.asked.push(`${method} ${decodeURIComponent(url.pathname + url.search)}`)
    if (init.body) this.bodies.push(JSON.parse(init.body as string))
    await this.#waitsFor(url.pathname)
    if (init.signal?.aborted) throw new DOMException('gone', 'AbortError')
    if (this.isAway) throw new TypeError('Failed to fetch')
    if (this.refusal) return answer(this.refusal, this.refusal.status)
    return this.#answer(method, url, decodeURIComponent(url.pathname).split('/').slice(3))
  }

  #waitsFor(path: string): Promise<void> | null {
    if (path.endsWith('/shots')) return this.shotsAfter
    return path.endsWith('/cleanup') ? this.purgedAfter : null
  }

  #answer(method: string, url: URL, [, what, shotId, more, takeId, rest]: string[]): Response {
    if (what === undefined) return answer({ projects: this.projects, asker: this.asker })
    if (what === 'status') return answer(this.#status())
    if (what === 'du') return answer(this.usage)
    if (what === 'cleanup') return this.#cleanUp()
    if (what === 'takes') return this.#judgeFilm()
    if (what === 'searches') return answer({ searches: this.searches })
    if (what === 'find') return this.#find(url.searchParams)
    if (what === 'undo') return this.#takeBack(this.past, this.future)
    if (what === 'redo') return this.#takeBack(this.future, this.past)
    if (shotId === undefined) return answer({ shots: this.shots })
    const shot = this.shots.find((one) => one.id === shotId)
    if (!shot) return answer(aRefusal(404, 'Shot not found', `no shot ${shotId}`), 404)
    if (method === 'PATCH' && more === undefined) return this.#judgeShot(shot)
    if (more === undefined) return answer(shot)
    if (method === 'PUT') return this.#activate(shot)
    if (method === 'PATCH' && more === 'notes') return this.#judgeShot(shot, Number(takeId))
    if (method === 'PATCH') return this.#judge(shot, takeId)
    const take = this.takes.get(shotId)?.find((one) => one.id === takeId)
    if (take && rest === 'accept') return this.#accept(shot, take)
    if (take) return this.#change(method, shot, take)
    if (takeId !== undefined) return answer(aRefusal(404, 'Take not found', `no take ${takeId}`), 404)
    if (method === 'POST') return this.#create(shot)
    const takes = this.takes.get(shotId) ?? []
    const deleted = url.searchParams.get('deleted') === 'true'
    return answer({ takes: takes.filter((one) => deleted || !one.deleted), activeTakeId: shot.activeTakeId })
  }

  #status(): ProjectStatus {
    const head = this.log.length
    const projections = [{ name: 'index', position: head, behind: 0 }]
    return { ...STATUS, position: head, projections, ...this.status }
  }

  #cleanUp(): Response {
    const { dryRun, plan } = this.bodies.at(-1) as { dryRun?: boolean; plan?: string }
    if (dryRun) return answer(this.plan)
    if (plan !== this.plan.plan) {
      return answer(aRefusal(409, 'Plan changed', 'other takes would be purged', 'Look again.'), 409)
    }
    for (const { shotId, takeId, files } of this.plan.takes) this.purge(shotId, takeId, files[0]?.bytes)
    return answer(this.plan)
  }

  /** Have a take's bytes gone for good. */
  purge(shotId: string, takeId: string, bytes = 0): void {
    const takes = this.takes.get(shotId) ?? []
    const gone = { deleted: true, purged: true, purgedAt: new Date().toISOString(), mediaUrl: null }
    this.takes.set(
      shotId,
      takes.map((take) => (take.id === takeId ? { ...take, ...gone } : take)),
    )
    this.tell('take.purged', takes.find((take) => take.id === takeId)?.number, shotId, bytes)
  }

  /** The takes in whose recipe the words stand, the newest first; of `wrong:` nothing is understood. */
  #find(asked: URLSearchParams): Response {
    const [words, offset] = [asked.get('q') ?? '', Number(asked.get('offset'))]
    const at = words.indexOf('wrong:')
    if (at >= 0) return answer({ ...aRefusal(422, 'Wrong query', "there is no field 'wrong'"), at }, 422)
    const all = [...this.takes].flatMap(([shotId, takes]) => takes.map((take) => ({ shotId, take })))
    const found = all.filter(({ take }) => !take.deleted && JSON.stringify(take.generationParams).includes(words)).reverse()
    const takes = found.slice(offset, offset + Number(asked.get('limit')))
    const list: FoundList = { takes, total: found.length, facets: this.facets }
    return answer(list)
  }

  /** Have that be so of the takes that are named; of a note, how it stands. */
  #judge(shot: Shot, takeId: string | undefined): Response {
    const { takeIds = [takeId ?? ''], addTags = [], removeTags = [], note, state, ...wanted } = this.bodies.at(-1) as Judged
    const takes = this.takes.get(shot.id) ?? []
    const more = note ? { frame: null, lastFrame: null, answers: null, by: 'anna', at: '2024-03-06T10:00:00Z', state: 'open', drawing: [] } : {}
    const changed = takes.map((take) => {
      if (!takeIds.includes(take.id)) return take
      const tags = [...new Set([...take.tags, ...addTags])].filter((tag) => !removeTags.includes(tag)).sort()
      const said = note ? [...take.notes, { ...more, ...note, note: take.notes.length + 1 } as Note] : take.notes
      const notes = state ? said.map((one) => ({ ...one, state })).filter((one) => one.state !== 'withdrawn') : said
      return { ...take, ...wanted, tags, notes }
    })
    const type = wanted.deleted === undefined ? 'take.rated' : wanted.deleted ? 'take.deleted' : 'take.restored'
    this.past.push({ shotId: shot.id, takes, type })
    this.future = []
    this.takes.set(shot.id, changed)
    for (const id of takeIds) this.tell(type, Number(id.slice(5)), shot.id)
    const found = changed.filter((take) => takeIds.includes(take.id))
    return answer(takeId ? found[0] : { takes: found, activeTakeId: shot.activeTakeId })
  }

  /** The same of takes of several shots. */
  #judgeFilm(): Response {
    const { shots = [], ...wanted } = this.bodies.at(-1) as Partial<JudgeFilmBody>
    for (const { shotId, takeIds } of shots) {
      const shot = this.shots.find((one) => one.id === shotId)
      this.bodies.push({ ...wanted, takeIds })
      if (shot) this.#judge(shot, undefined)
    }
    return answer({ events: this.log.slice(-1), logId: this.logId })
  }

  /** Have the shot be so; or that note of it. */
  #judgeShot(shot: Shot, number?: number): Response {
    const { note, state, stage } = this.bodies.at(-1) as { note?: Partial<Note>; state?: NoteState; stage?: string }
    const more = { frame: null, lastFrame: null, answers: null, by: 'anna', at: '2024-03-06T10:00:00Z', state: 'open', drawing: [] }
    const said = note ? [...shot.notes, { ...more, ...note, note: shot.notes.length + 1 } as Note] : shot.notes
    const notes = state ? said.map((one) => (one.note === number ? { ...one, state } : one)) : said
    const changed = { ...shot, notes, ...(stage === undefined ? {} : { stage }) }
    this.shots = this.shots.map((one) => (one === shot ? changed : one))
    this.tell(note ? 'shot.noted' : state ? 'shot.note.marked' : 'shot.staged', undefined, shot.id)
    return answer(changed)
  }

  #takeBack(from: World['past'], to: World['past']): Response {
    const last = from.pop()
    if (!last) return answer(aRefusal(409, 'Nothing to undo', 'there is nothing of anna to undo'), 409)
    to.push({ ...last, takes: this.takes.get(last.shotId) ?? [] })
    this.takes.set(last.shotId, last.takes)
    this.tell(last.type, 1, last.shotId)
    return answer({ events: this.log.slice(-1), logId: this.logId })
  }

  #activate(shot: Shot): Response {
    const { takeId } = this.bodies.at(-1) as { takeId: string }
    shot.activeTakeId = takeId
    const takes = (this.takes.get(shot.id) ?? []).map((take) => ({ ...take, active: take.id === takeId }))
    this.takes.set(shot.id, takes)
    this.tell('take.activated', takes.find((take) => take.active)?.number, shot.id)
    return answer(takes.find((take) => take.active))
  }

  #create(shot: Shot): Response {
    return answer({ takeId: 'take_099', status: 'queued', shot: shot.id }, 202)
  }

  #accept(shot: Shot, take: Take): Response {
    const { error, ...rest } = take
    const changed: Take = { ...rest, status: 'complete', ...(error ? { accepted: error } : {}) }
    this.#put(shot, changed)
    this.tell('take.accepted', take.number, shot.id)
    this.tell('take.completed', take.number, shot.id)
    return answer(changed)
  }

  #put(shot: Shot, changed: Take): void {
    const takes = this.takes.get(shot.id) ?? []
    this.takes.set(
      shot.id,
      takes.map((one) => (one.id === changed.id ? changed : one)),
    )
  }

  #change(method: string, shot: Shot, take: Take): Response {
    if (method === 'GET') return answer(take)
    const changed = { ...take, deleted: method === 'DELETE' }
    this.#put(shot, changed)
    this.tell(method === 'DELETE' ? 'take.deleted' : 'take.restored', take.number, shot.id)
    return answer(changed)
  }
}

function answer(body: unknown, status = 200): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } })
}
