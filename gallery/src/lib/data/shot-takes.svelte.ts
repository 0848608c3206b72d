/** The takes of the shot that is shown, by number: all of them once, and from then on those of which something is heard. */

import { isRefused, listTakes, ProblemError, showTake } from '../api.ts'
import { takeId } from '../film/names.ts'
import type { LogEvent, ProblemDetails, Take } from '../types.ts'
import { coalesced } from './coalesce.ts'
import { takeOf } from './events.ts'
import { keepUnchanged } from './unchanged.ts'

/** What happens to one take and to no other. */
const TO_ONE: ReadonlySet<string> = new Set([
  ...['take.created', 'take.started', 'take.completed', 'take.failed', 'take.measured'],
  ...['take.rated', 'take.marked', 'take.tagged', 'take.noted', 'take.note.marked'],
])
/** More takes than this are asked for as one list. */
const FEW = 4
const PAUSE = 40

export class ShotTakes {
  takes = $state.raw<Take[]>([])
  activeTakeId = $state<string | null>(null)
  isLoaded = $state(false)
  withDeleted = $state(false)
  problem = $state.raw<ProblemDetails | null>(null)

  #stale = new Set<string>()
  #isAllStale = false
  #wasList = false

  constructor(
    readonly project: string,
    readonly shotId: string,
    private readonly onfailure: (error: unknown) => void,
    /** As they were at that position of the log; null for now. */
    private readonly asOf: number | null = null,
  ) {}

  /** Ask for all of them (again). */
  refresh(): Promise<void> {
    this.#isAllStale = true
    return this.#mend()
  }

  /** Something has happened to the shot. */
  hear(event: LogEvent): Promise<void> {
    const number = takeOf(event)
    if (number === null || !TO_ONE.has(event.type)) return this.refresh()
    this.#stale.add(takeId(number))
    return this.#mend()
  }

  showDeleted(wanted: boolean): void {
    this.withDeleted = wanted
    void this.refresh()
  }

  #mend = coalesced(
    async () => {
      const [all, stale] = [this.#isAllStale || !this.isLoaded || this.#stale.size > FEW, [...this.#stale]]
      this.#wasList = all
      this.#isAllStale = false
      this.#stale.clear()
      try {
        if (all) await this.#replace()
        else await this.#mendSome(stale)
        this.problem = null
      } catch (error) {
        if (error instanceof ProblemError && error.problem.status !== 401) this.problem = error.problem
        else this.onfailure(error)
      }
    },
    () => (this.#wasList ? PAUSE : 0),
  )

  async #replace(): Promise<void> {
    const fresh = await listTakes(this.project, this.shotId, this.withDeleted, this.asOf)
    this.takes = keepUnchanged(this.takes, fresh.takes)
    this.activeTakeId = fresh.activeTakeId
    this.isLoaded = true
  }

  async #mendSome(stale: string[]): Promise<void> {
    const found = await Promise.all(stale.map((id) => this.#one(id)))
    const fresh = found.filter((take) => take !== null && (this.withDeleted || !take.deleted)) as Take[]
    const others = this.takes.filter((take) => !stale.includes(take.id))
    this.takes = [...others, ...fresh].sort((one, other) => one.number - other.number)
  }

  async #one(id: string): Promise<Take | null> {
    try {
      return await showTake(this.project, this.shotId, id)
    } catch (error) {
      if (isRefused(error, 404)) return null
      throw error
    }
  }
}
