/** What a query has found: how many takes, what they have in common, and those of them that are looked at. */

import { findTakes, ProblemError, type Wanted } from '../api.ts'
import { keyOf } from '../film/names.ts'
import { printJson } from '../json.ts'
import type { FacetValue, FoundList, ProblemDetails, Take } from '../types.ts'
import { coalesced } from './coalesce.ts'

/** Takes that are asked for at once. */
const PAGE = 100
/** Milliseconds between two looks while much happens. */
const PAUSE = 500

/** The most takes that are had at once, where somebody wants many of them. */
export const MOST = 1000

type Sparse = readonly (Take | undefined)[]

export class FoundTakes {
  /** All of them, in the order that is wanted, with holes where nobody has looked yet. */
  takes = $state.raw<Sparse>([])
  facets = $state.raw<Readonly<Record<string, readonly FacetValue[]>>>({})
  /** Whether the query has been answered. */
  isLoaded = $state(false)
  problem = $state.raw<ProblemDetails | null>(null)

  /** Until the query is answered for the first time, or refused. */
  readonly answered: Promise<void>

  #gone = new AbortController()
  #asked = new Set<number>()
  #near = { first: 0, end: PAGE }

  constructor(
    readonly project: string,
    readonly wanted: Wanted,
    private readonly onfailure: (error: unknown) => void,
    /** What is seen until there is an answer. */
    before: FoundTakes | null = null,
  ) {
    if (before) [this.takes, this.facets] = [before.takes, before.facets]
    this.answered = this.refresh()
  }

  get query(): string {
    return this.wanted.q
  }

  /** Others are looked for: what is on its way is not wanted any more. */
  close(): void {
    this.#gone.abort()
  }

  /** Have those from `first` up to but not including `end`. */
  async need(first: number, end: number): Promise<void> {
    if (!this.isLoaded) return
    this.#near = { first, end }
    const last = Math.min(end, this.takes.length) - 1
    const pages = range(Math.floor(first / PAGE), Math.floor(last / PAGE) + 1)
    await Promise.all(pages.map((page) => this.#page(page)))
  }

  /** Ask again: takes may have come and gone. What nobody looks at is forgotten. */
  refresh = coalesced(async () => {
    const first = Math.floor(this.#near.first / PAGE)
    const pages = Math.min(MOST / PAGE, Math.max(1, Math.ceil(this.#near.end / PAGE) - first))
    await this.#fetch(first * PAGE, pages * PAGE, (found) => {
      this.#asked = new Set(range(first, first + pages))
      this.#put(first * PAGE, found, new Array<Take | undefined>(found.total))
      this.facets = found.facets
      this.isLoaded = true
    })
  }, PAUSE)

  async #page(page: number): Promise<void> {
    if (this.#asked.has(page)) return
    this.#asked.add(page)
    const isDone = await this.#fetch(page * PAGE, PAGE, (found) => this.#put(page * PAGE, found, [...this.takes]))
    if (!isDone) this.#asked.delete(page)
  }

  async #fetch(offset: number, limit: number, take: (found: FoundList) => void): Promise<boolean> {
    const { signal } = this.#gone
    try {
      const found = await findTakes(this.project, this.wanted, { limit, offset, signal })
      if (!signal.aborted) take(found)
      this.problem = null
      return true
    } catch (error) {
      if (signal.aborted) return false
      if (error instanceof ProblemError && error.problem.status !== 401) this.problem = error.problem
      else this.onfailure(error)
      return false
    }
  }

  /** What has not changed stays the same object, so that only news is drawn. */
  #put(offset: number, { takes }: FoundList, all: (Take | undefined)[]): void {
    const known = new Map(this.takes.flatMap((take) => (take ? [[keyOf(take), take]] : [])))
    takes.forEach(({ take }, index) => {
      const before = known.get(keyOf(take))
      all[offset + index] = before && printJson(before) === printJson(take) ? before : take
    })
    this.takes = all
  }
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index)
}
