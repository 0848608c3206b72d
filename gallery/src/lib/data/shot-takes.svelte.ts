/** The takes of the shot that is shown, by number. */

import { listTakes, ProblemError } from '../api.ts'
import type { ProblemDetails, Take } from '../types.ts'
import { coalesced } from './coalesce.ts'
import { keepUnchanged } from './unchanged.ts'

const PAUSE = 40

export class ShotTakes {
  takes = $state.raw<Take[]>([])
  activeTakeId = $state<string | null>(null)
  isLoaded = $state(false)
  withDeleted = $state(false)
  problem = $state.raw<ProblemDetails | null>(null)

  constructor(
    readonly project: string,
    readonly shotId: string,
    private readonly onfailure: (error: unknown) => void,
  ) {}

  /** Ask for them (again). */
  refresh: () => Promise<void> = coalesced(async () => {
    const withDeleted = this.withDeleted
    try {
      const fresh = await listTakes(this.project, this.shotId, withDeleted)
      this.takes = keepUnchanged(this.takes, fresh.takes)
      this.activeTakeId = fresh.activeTakeId
      this.problem = null
      this.isLoaded = true
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status !== 401) this.problem = error.problem
      else this.onfailure(error)
    }
  }, PAUSE)

  showDeleted(wanted: boolean): void {
    this.withDeleted = wanted
    void this.refresh()
  }
}
