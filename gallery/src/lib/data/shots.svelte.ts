/** The shots of a project: all of them once, and from then on the rows of which something is heard. */

import { isRefused, listShots, showShot } from '../api.ts'
import type { Shot } from '../types.ts'
import { coalesced } from './coalesce.ts'
import { keepUnchanged } from './unchanged.ts'

/** More rows than this are asked for as one list. */
const FEW = 8
const PAUSE = 60

export class Shots {
  list = $state.raw<Shot[]>([])
  isLoaded = $state(false)
  readonly byId = $derived(new Map(this.list.map((shot) => [shot.id, shot])))

  #stale = new Set<string>()
  #isAllStale = false

  constructor(
    readonly project: string,
    private readonly onfailure: (error: unknown) => void,
    /** As they were at that position of the log; null for now. */
    private readonly asOf: number | null = null,
  ) {}

  /** Ask for all of them. */
  reload(): Promise<void> {
    this.#isAllStale = true
    return this.#mend()
  }

  /** Something has happened to this shot. */
  touch(shot: string): Promise<void> {
    this.#stale.add(shot)
    return this.#mend()
  }

  #mend = coalesced(async () => {
    const [all, stale] = [this.#isAllStale || this.#stale.size > FEW, [...this.#stale]]
    this.#isAllStale = false
    this.#stale.clear()
    try {
      if (all) this.#replace(await listShots(this.project, this.asOf))
      else await this.#mendRows(stale)
    } catch (error) {
      this.onfailure(error)
    }
  }, PAUSE)

  #replace(fresh: Shot[]): void {
    this.list = keepUnchanged(this.list, fresh)
    this.isLoaded = true
  }

  async #mendRows(stale: string[]): Promise<void> {
    const rows = await Promise.all(stale.map((shot) => this.#row(shot)))
    const fresh = new Map(this.list.map((shot) => [shot.id, shot]))
    stale.forEach((id, index) => {
      const row = rows[index]
      if (row) fresh.set(row.id, row)
      else fresh.delete(id)
    })
    this.list = keepUnchanged(this.list, [...fresh.values()])
  }

  async #row(shot: string): Promise<Shot | null> {
    try {
      return await showShot(this.project, shot)
    } catch (error) {
      if (isRefused(error, 404)) return null
      throw error
    }
  }
}
