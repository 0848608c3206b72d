/** The takes of a project that a query describes, asked for when nothing has been typed for a moment. */

import { errorText, findTakes, isForeseen } from '../api.ts'
import type { FoundTake } from '../types.ts'

/** Milliseconds without a key. */
const QUIET = 180

export class RecipeSearch {
  found = $state.raw<readonly FoundTake[]>([])
  /** How many there are of them all; `found` are the newest. */
  total = $state(0)
  /** The query that `found` is about. */
  words = $state('')
  isAsking = $state(false)
  /** Why there is no answer. */
  problem = $state<string | null>(null)

  /** Ask about these words, unless others follow at once; the answer gives it up. */
  ask(project: string | null, typed: string): (() => void) | undefined {
    const words = typed.trim()
    if (!project || !words) return this.#forget()
    const gone = new AbortController()
    this.isAsking = true
    const timer = setTimeout(() => void this.#fetch(project, words, gone.signal), QUIET)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }

  #forget(): undefined {
    this.found = []
    this.total = 0
    this.words = ''
    this.isAsking = false
    this.problem = null
  }

  async #fetch(project: string, words: string, signal: AbortSignal): Promise<void> {
    try {
      const { takes, total } = await findTakes(project, words, signal)
      this.found = takes
      this.total = total
      this.problem = null
    } catch (error) {
      if (signal.aborted) return
      if (!isForeseen(error)) throw error
      this.found = []
      this.total = 0
      this.problem = errorText(error)
    }
    this.words = words
    this.isAsking = false
  }
}
