/** The page's state: where it is, what is open, and the project that it follows. */

import { getContext, setContext } from 'svelte'
import { isForeseen, isRefused, listProjects } from '../api.ts'
import { LiveProject } from '../data/live-project.svelte.ts'
import { lastFolder, parentOf, pathOf } from '../film/paths.ts'
import { foundOrder } from '../film/sieve.ts'
import { buildTree, shotsInOrder } from '../film/tree.ts'
import type { Asker, LogEvent, Project, ProjectList } from '../types.ts'
import { Announcer } from './announcer.svelte.ts'
import { Desk } from './desk.svelte.ts'
import { Notices } from './notices.ts'
import { prefs } from './prefs.svelte.ts'
import { look, lookedAt } from './seen.ts'
import type { Overlay } from './overlay.ts'
import { Route, type Place } from './route.svelte.ts'

const RETRY = 1_500

/** What a person may do in a film, each more than the one before. */
const RANKS = ['reader', 'artist', 'supervisor'] as const

/** What something takes: a role in the film, or to be the one who runs the daemon. */
export type Need = (typeof RANKS)[number] | 'owner'

export class App {
  readonly route = new Route()
  readonly announcer = new Announcer()
  readonly #notices = new Notices((shot) => this.route.go({ shot }))
  projects = $state.raw<Project[] | null>(null)
  /** Who is at the page; null until the daemon has told. */
  asker = $state.raw<Asker | null>(null)
  live = $state.raw<LiveProject | null>(null)
  overlay = $state.raw<Overlay | null>(null)
  /** Why there are no projects to show, where nobody has said which there are. */
  trouble = $state<'away' | 'locked' | null>(null)
  readonly desk: Desk = new Desk(this)

  readonly projectId = $derived(this.route.place.project ?? this.projects?.[0]?.id ?? null)
  readonly project = $derived(this.projects?.find((one) => one.id === this.projectId) ?? null)
  readonly tree = $derived(buildTree(this.live?.shots.list ?? []))
  readonly order = $derived(shotsInOrder(this.tree))
  readonly shot = $derived(this.route.place.shot ? (this.#find(this.route.place.shot) ?? null) : null)

  /** Whether what the address names has been told of. */
  readonly hasShown = $derived(
    this.live?.shots.isLoaded === true && (this.route.place.shot === null || this.live.shown?.isLoaded === true),
  )

  #followed: Promise<void> | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Where the page was when something was looked for. */
  #foundFrom: Place | null = null

  /** Have what is shown first before it is drawn. */
  async prepare(): Promise<void> {
    this.open(this.projectId, this.route.place.asOf)
    await Promise.all([this.begin(), this.#followed])
  }

  /** Ask for the projects until somebody answers. */
  async begin(): Promise<void> {
    clearTimeout(this.#timer)
    try {
      this.#know(await listProjects())
      this.trouble = null
    } catch (error) {
      if (!isForeseen(error)) throw error
      this.trouble = isRefused(error, 401) ? 'locked' : 'away'
      this.#timer = setTimeout(() => void this.begin(), RETRY)
    }
  }

  /** Whether that may be done in the film by whoever is at the page, and now: the past stays as it was. */
  may(need: Need): boolean {
    const { asker, project, live } = this
    if (need !== 'owner' && live !== null && live.asOf !== null) return false
    if (asker?.owner !== false) return true
    return need !== 'owner' && project !== null && RANKS.indexOf(project.role) >= RANKS.indexOf(need)
  }

  #know({ projects, asker }: ProjectList): void {
    this.projects = projects
    this.asker = asker
  }

  end(): void {
    clearTimeout(this.#timer)
    this.live?.close()
  }

  /** Follow that project, or show it as it was at that position of its log. */
  open(project: string | null, asOf: number | null = null): void {
    if ((this.live?.project ?? null) === project && (this.live?.asOf ?? null) === (project && asOf)) return
    this.live?.close()
    this.announcer.forget()
    this.#notices.forget()
    this.live = project === null ? null : this.#follow(project, asOf)
  }

  /** The page begins where it was left the last time, but not where nothing is any more. */
  leaveWhatIsGone(): void {
    const { project, shot } = this.route.place
    if (!this.route.isReturn || !project) return
    if (this.projects && !this.project) this.route.note({ project: null, shot: null, query: null, take: null })
    else if (shot && this.live?.shots.isLoaded && !this.shot) this.route.note({ shot: null, take: null })
  }

  /** Look for what that query describes; for nothing, and be back where that began. */
  find(query: string): void {
    const { place } = this.route
    const wanted = query.trim()
    if (wanted === (place.query ?? '')) return
    if (wanted && place.query !== null) this.route.note({ query: wanted, take: null })
    else if (wanted) this.#foundFrom = place
    if (wanted && place.query === null) this.route.go({ query: wanted })
    else if (!wanted) this.route.go(this.#foundFrom?.project === place.project ? this.#foundFrom : {})
  }

  /** What has come since the last visit is new until this one ends; what comes meanwhile has been seen. */
  readonly #seen = new Map<string, number>()

  #seenOf(project: string): number {
    const seen = this.#seen.get(project) ?? lookedAt(project)
    this.#seen.set(project, seen)
    return seen
  }

  #follow(project: string, asOf: number | null): LiveProject {
    const heard = {
      onevent: (event: LogEvent) => this.#hear(event),
      onprojects: (list: ProjectList) => this.#know(list),
    }
    const live = new LiveProject(project, heard, asOf, this.#seenOf(project))
    live.show(this.route.place.shot)
    live.find(this.route.place.query, foundOrder(prefs.order))
    this.#followed = live.begin()
    return live
  }

  #find(id: string) {
    const shots = this.live?.shots
    return shots?.byId.get(id) ?? shots?.list.find((shot) => shot.shotId === id)
  }

  /** All that there is by now has been seen. */
  look(): void {
    const { live } = this
    if (live?.asOf === null && live.status && !document.hidden) look(live.project, live.status.position)
  }

  #hear(event: LogEvent): void {
    this.#notices.hear(event)
    if (event.shotId === this.live?.shown?.shotId) this.announcer.hear(event)
    if (event.type === 'shot.moved') void this.#followShot(event)
  }

  /** Stay with the shot that is shown, where it is that one that was moved. */
  async #followShot(event: LogEvent): Promise<void> {
    const shown = this.live?.shown?.shotId
    if (!shown) return
    await this.live?.shots.reload()
    const [now, before] = [pathOf(event.shotId), pathOf(shown)]
    const isSame = lastFolder(now) === lastFolder(before) || parentOf(now) === parentOf(before)
    if (isSame && !this.#find(shown)) this.route.note({ shot: event.shotId })
  }
}

const KEY = Symbol('app')

export function provideApp(app: App): void {
  setContext(KEY, app)
}

export function useApp(): App {
  return getContext<App>(KEY)
}
