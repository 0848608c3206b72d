/** What is loaded once the page has shown what there is: all that lies over it, the player, the dialogs and so on. */

import type { Component } from 'svelte'
import { toasts } from '../ui/toasts/toasts.svelte.ts'

/** Milliseconds that pictures have for themselves. */
const REST = 800

export class Later {
  Overlays = $state.raw<Component | null>(null)
  #loading: Promise<boolean> | null = null

  /** Have it now, for somebody waits; false, and that is told, where it cannot be had. */
  async need(): Promise<boolean> {
    const isThere = await this.#load()
    if (!isThere) toasts.show('This part of the page could not be loaded. Reload the page.', { kind: 'bad' })
    return isThere
  }

  /** Load it a moment after what there is has been told of; the answer calls that off. */
  loadAtRest(): () => void {
    const timer = setTimeout(() => void this.#load(), REST)
    return () => clearTimeout(timer)
  }

  /** Whether it is there; what could not be loaded is tried again when it is next wanted. */
  #load(): Promise<boolean> {
    this.#loading ??= import('./Overlays.svelte').then(
      (module) => {
        this.Overlays = module.default
        return true
      },
      () => {
        this.#loading = null
        return false
      },
    )
    return this.#loading
  }
}
