/** What a person has chosen about the page itself; it is remembered in the browser. */

import { MediaQuery } from 'svelte/reactivity'
import { innerWidth } from 'svelte/reactivity/window'
import { clamp } from '../clamp.ts'
import { ORDER_NAMES, type Order } from '../film/sieve.ts'
import { remember, remembered } from './memory.ts'

export type Theme = 'system' | 'dark' | 'light'

/** How wide a card is at least, in pixels; until a person has chosen, a share of the window. */
export const CARD = { least: 140, most: 640, step: 20, usual: 220, share: 1 / 8 } as const

class Prefs {
  #theme = $state<Theme>('system')
  readonly #light = new MediaQuery('(prefers-color-scheme: light)')
  #order = $state<Order>('newest')
  #recipe = $state(true)
  #film = $state(true)
  #card = $state<number | null>(null)
  #notices = $state(false)

  constructor() {
    const theme = remembered('theme')
    if (theme === 'dark' || theme === 'light') this.#theme = theme
    this.#order = ORDER_NAMES.find((name) => name === remembered('order')) ?? 'newest'
    this.#recipe = remembered('recipe') !== 'hidden'
    this.#film = remembered('film') !== 'hidden'
    this.#notices = remembered('notices') === 'wanted'
    const card = Number(remembered('card'))
    if (card) this.card = card
    this.#paint()
  }

  get theme(): Theme {
    return this.#theme
  }

  set theme(theme: Theme) {
    this.#theme = theme
    remember('theme', theme)
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
    remember('order', order)
  }

  /** How wide a card is at least, in pixels, where there is room for more than two. */
  get card(): number {
    return this.#card ?? Math.max(CARD.usual, Math.round((innerWidth.current ?? 0) * CARD.share))
  }

  /** Whether a person has chosen that. */
  get hasCard(): boolean {
    return this.#card !== null
  }

  set card(width: number) {
    this.#card = clamp(width, CARD.least, CARD.most)
    remember('card', String(this.#card))
  }

  /** Whether the recipe panel is open, where there is room for it. */
  get recipe(): boolean {
    return this.#recipe
  }

  set recipe(shown: boolean) {
    this.#recipe = shown
    remember('recipe', shown ? 'shown' : 'hidden')
  }

  /** Whether the film's tree is open, where there is room for it. */
  get film(): boolean {
    return this.#film
  }

  set film(shown: boolean) {
    this.#film = shown
    remember('film', shown ? 'shown' : 'hidden')
  }

  /** Whether the desktop is to tell of takes that are ready while nobody looks at the page. */
  get notices(): boolean {
    return this.#notices
  }

  set notices(wanted: boolean) {
    this.#notices = wanted
    remember('notices', wanted ? 'wanted' : 'none')
  }

  #paint(): void {
    if (this.#theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = this.#theme
  }
}

export const prefs = new Prefs()
