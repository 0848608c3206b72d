/** What a person has chosen about the page itself; it is remembered in the browser. */

import { MediaQuery } from 'svelte/reactivity'

export type Theme = 'system' | 'dark' | 'light'
export type Order = 'newest' | 'oldest'

function stored(key: string): string | null {
  try {
    return localStorage.getItem(`takes.${key}`)
  } catch {
    return null
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(`takes.${key}`, value)
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}

class Prefs {
  #theme = $state<Theme>('system')
  readonly #light = new MediaQuery('(prefers-color-scheme: light)')
  #order = $state<Order>('newest')
  #recipe = $state(true)

  constructor() {
    const theme = stored('theme')
    if (theme === 'dark' || theme === 'light') this.#theme = theme
    if (stored('order') === 'oldest') this.#order = 'oldest'
    this.#recipe = stored('recipe') !== 'hidden'
    this.#paint()
  }

  get theme(): Theme {
    return this.#theme
  }

  set theme(theme: Theme) {
    this.#theme = theme
    store('theme', theme)
    this.#paint()
  }

  /** Whether the page is dark now, whoever has decided that. */
  get isDark(): boolean {
    if (this.#theme !== 'system') return this.#theme === 'dark'
    return !this.#light.current
  }

  get order(): Order {
    return this.#order
  }

  set order(order: Order) {
    this.#order = order
    store('order', order)
  }

  /** Whether the recipe panel is open, where there is room for it. */
  get recipe(): boolean {
    return this.#recipe
  }

  set recipe(shown: boolean) {
    this.#recipe = shown
    store('recipe', shown ? 'shown' : 'hidden')
  }

  #paint(): void {
    if (this.#theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = this.#theme
  }
}

export const prefs = new Prefs()
