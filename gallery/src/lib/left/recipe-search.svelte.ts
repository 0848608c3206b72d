/** A search in the recipes of a project, asked for when nothing has been typed for a moment. */

import { isForeseen, search } from '../api.ts'
import type { FoundTake } from '../types.ts'

/** Milliseconds without a key. */
const QUIET = 180

export class RecipeSearch {
  found = $state.raw<readonly FoundTake[]>([])
  /** The words that `found` is about. */
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
    this.words = ''
    this.isAsking = false
    this.problem = null
  }

  async #fetch(project: string, words: string, signal: AbortSignal): Promise<void> {
    try {
      this.found = await search(project, words, signal)
      this.problem = null
    } catch (error) {
      if (signal.aborted) return
      if (!isForeseen(error)) throw error
      this.found = []
      this.problem = error.message
    }
    this.words = words
    this.isAsking = false
  }
}
