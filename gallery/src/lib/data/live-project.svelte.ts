/** A project as it is now: its shots, the takes of the one that is shown, and what is being made, kept by its events. */

import { AwayError, listProjects, listSearches, ProblemError, showStatus, type FoundOrder } from '../api.ts'
import type { LogEvent, ProblemDetails, Progress, ProjectList, ProjectStatus, Search } from '../types.ts'
import { coalesced } from './coalesce.ts'
import type { Listener } from './events.ts'
import { FoundTakes } from './found-takes.svelte.ts'
import { TakeProgress } from './progress.svelte.ts'
import { Purges } from './purges.svelte.ts'
import { ShotTakes } from './shot-takes.svelte.ts'
import { Shots } from './shots.svelte.ts'
import { Stream } from './stream.ts'

/** `open`: what is seen is so. Else it may be old, and why. */
export type Connection = 'starting' | 'open' | 'away' | 'locked' | 'suspended' | 'gone'

/** Milliseconds until the next try, one after another; the last one again and again. */
const TRIES = [150, 300, 600, 1_200, 2_500]
/** Milliseconds between two looks at the status, which tells of more than the log does. */
const STATUS_PAUSE = 1_500
/** Milliseconds until the next look while something is queued: why it has to wait is in no log. */
const STATUS_WAIT = 5_000
/** The same while nothing is: what was put where nothing takes it is in no log either. */
const STATUS_REST = 20_000

export class LiveProject {
  connection = $state<Connection>('starting')
  /** Why the project is suspended. */
  reason = $state<string | null>(null)
  problem = $state.raw<ProblemDetails | null>(null)
  status = $state.raw<ProjectStatus | null>(null)
  shown = $state.raw<ShotTakes | null>(null)
  found = $state.raw<FoundTakes | null>(null)
  /** The saved ones, by their names. */
  searches = $state.raw<readonly Search[]>([])
  readonly shots: Shots
  readonly progress = new TakeProgress()
  readonly purges = new Purges()

  #stream: Stream | null = null
  #tries = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #poll: ReturnType<typeof setTimeout> | undefined
  #isClosed = false
  #hasSearches = false

  constructor(
    readonly project: string,
    private readonly heard: { onevent?: (event: LogEvent) => void; onprojects?: (all: ProjectList) => void } = {},
    /** The position of the log at which it is shown as it was, where nothing happens any more; null for now. */
    readonly asOf: number | null = null,
    /** The position up to which this person has seen what there is. */
    private readonly seen = 0,
  ) {
    this.shots = new Shots(project, this.#fail, asOf)
  }

  /** Ask for everything, and follow. */
  async begin(): Promise<void> {
    this.#stream?.close()
    try {
      const status = await showStatus(this.project)
      if (this.#isClosed) return
      this.status = status
      if (this.asOf === null) {
        this.#stream = new Stream(this.project, indexed(status), this.#listener)
        this.#stream.resume()
        this.#pollAgain()
      } else this.connection = 'open'
      await this.#reload()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Show the takes of that shot, or of none. */
  show(shot: string | null): void {
    if (this.shown?.shotId === shot) return
    this.shown = shot === null ? null : new ShotTakes(this.project, shot, this.#fail, this.asOf)
    // Before there is a stream, what begins it will ask for them.
    if (this.connection === 'open' || (this.connection === 'starting' && this.#stream)) void this.shown?.refresh()
  }

  /** Look for what that query describes, in that order, or for nothing. */
  find(query: string | null, sort: FoundOrder = 'newest'): void {
    const { wanted } = this.found ?? {}
    if ((wanted?.q ?? null) === query && (query === null || wanted?.sort === sort)) return
    this.found?.close()
    const next = query === null ? null : { q: query, sort, seen: this.seen, asOf: this.asOf }
    this.found = next && new FoundTakes(this.project, next, this.#fail, this.found)
  }

  /** Have the saved searches, from now on. */
  needSearches(): void {
    if (!this.#hasSearches) void this.#loadSearches()
  }

  /** Try now, where nobody has answered. */
  retry(): void {
    if (this.connection === 'open' || this.connection === 'starting') return
    clearTimeout(this.#timer)
    void this.#probe()
  }

  /** Let go of the connection while nobody looks: a browser has few of them for all its pages. */
  rest(): void {
    if (this.connection === 'open') this.#stream?.close()
  }

  /** Take up again what `rest` has let go of. */
  wake(): void {
    if (this.connection === 'open' && this.#stream && !this.#stream.isOpen) {
      this.#stream.resume()
      void this.refreshStatus()
    } else this.retry()
  }

  close(): void {
    this.#isClosed = true
    this.found?.close()
    clearTimeout(this.#timer)
    clearTimeout(this.#poll)
    this.#stream?.close()
  }

  refreshStatus = coalesced(async () => {
    try {
      this.status = await showStatus(this.project)
      this.#pollAgain()
    } catch {
      // The stream tells in its own way that the daemon is away.
    }
  }, STATUS_PAUSE)

  #pollAgain(): void {
    clearTimeout(this.#poll)
    const { queued, problem } = this.status?.runner ?? {}
    if (this.#stream?.isOpen && !this.#isClosed) {
      this.#poll = setTimeout(() => void this.refreshStatus(), queued || problem ? STATUS_WAIT : STATUS_REST)
    }
  }

  readonly #listener: Listener = {
    onopen: () => {
      this.connection = 'open'
      this.problem = null
      this.#tries = 0
      this.progress.forget()
    },
    onaway: () => this.#lose('away'),
    onother: () => {
      this.progress.forget()
      void this.begin()
    },
    onevent: (event) => this.#hear(event),
    onprogress: (progress: Progress) => this.progress.hearProgress(progress),
  }

  #hear(event: LogEvent): void {
    this.progress.hear(event)
    this.purges.hear(event)
    if (event.shotId === this.shown?.shotId) void this.shown.hear(event)
    if (event.type === 'shot.moved') void this.shots.reload()
    else if (event.shotId) void this.shots.touch(event.shotId)
    else if (this.#hasSearches) void this.#loadSearches()
    void this.found?.refresh()
    void this.refreshStatus()
    this.heard.onevent?.(event)
  }

  readonly #fail = (error: unknown): void => {
    if (error instanceof AwayError) this.#lose('away')
    else if (error instanceof ProblemError) this.#refused(error.problem)
    else throw error
  }

  #refused(problem: ProblemDetails): void {
    this.problem = problem
    if (problem.status === 401) this.#lose('locked')
    else this.#lose(problem.status === 404 ? 'gone' : 'suspended')
  }

  #lose(why: Connection): void {
    if (this.#isClosed) return
    this.connection = why
    this.#stream?.close()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#probe(), TRIES[this.#tries] ?? TRIES.at(-1))
    this.#tries = Math.min(this.#tries + 1, TRIES.length)
  }

  /** See whether the daemon is there and has the project open; an event stream that fails does not say why. */
  async #probe(): Promise<void> {
    try {
      const all = await listProjects()
      if (this.#isClosed) return
      this.heard.onprojects?.(all)
      const project = all.projects.find((one) => one.id === this.project)
      this.reason = project?.reason ?? null
      if (!project) this.#lose('gone')
      else if (project.state === 'live') await this.#goOn()
      else this.#lose(project.state === 'suspended' ? 'suspended' : 'away')
    } catch (error) {
      this.#fail(error)
    }
  }

  async #goOn(): Promise<void> {
    if (!this.#stream || !this.shots.isLoaded) return this.begin() // of the past, too, which has no stream
    const status = await showStatus(this.project)
    // The log is another one now: of this one, nothing follows what was heard.
    if (status.position < this.#stream.position) return this.begin()
    this.status = status
    this.#stream.resume()
    this.#pollAgain()
    // What was heard just before the connection was lost may have been asked for in vain.
    await this.#reload()
  }

  async #reload(): Promise<void> {
    const searches = this.#hasSearches ? this.#loadSearches() : null
    await Promise.all([this.shots.reload(), this.shown?.refresh(), this.found?.refresh(), searches])
  }

  async #loadSearches(): Promise<void> {
    this.#hasSearches = true
    try {
      this.searches = await listSearches(this.project, this.asOf)
    } catch (error) {
      this.#fail(error)
    }
  }
}

/** How much of the log has reached the lists that are asked for next. */
function indexed(status: ProjectStatus): number {
  const index = status.projections?.find((one) => one.name === 'index')
  return Math.min(status.position, index?.position ?? status.position)
}
