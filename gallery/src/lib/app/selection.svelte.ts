/** What is selected among the takes that are shown, by their keys: some of them, one of which is the current one. */

export class Selection {
  #keys = $state.raw<ReadonlySet<string>>(new Set())
  #current = $state<string | null>(null)
  #anchor: string | null = null

  get keys(): ReadonlySet<string> {
    return this.#keys
  }

  /** The one that keys and panels are about. */
  get current(): string | null {
    return this.#current
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  only(key: string): void {
    this.#keys = new Set([key])
    this.#current = key
    this.#anchor = key
  }

  none(): void {
    this.#keys = new Set()
    this.#current = null
    this.#anchor = null
  }

  /** Add it, or take it out. */
  toggle(key: string): void {
    const keys = new Set(this.#keys)
    if (!keys.delete(key)) keys.add(key)
    this.#keys = keys
    this.#anchor = key
    this.#current = keys.has(key) ? key : ([...keys].at(-1) ?? null)
  }

  /** From where the selection began up to this one, in that order. */
  extend(key: string, order: readonly string[]): void {
    const from = order.indexOf(this.#anchor ?? key)
    const to = order.indexOf(key)
    if (from < 0 || to < 0) return this.only(key)
    this.#keys = new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1).filter(Boolean))
    this.#current = key
  }

  /** Just these; the current one stays where it is among them. */
  these(keys: readonly string[]): void {
    this.#keys = new Set(keys)
    if (this.#current === null || !this.#keys.has(this.#current)) this.#current = keys.at(-1) ?? this.#current
    this.#anchor = this.#current
  }

  all(order: readonly string[]): void {
    this.#keys = new Set(order.filter(Boolean))
    this.#current ??= order[0] || null
  }

  /** Leave out what is no longer there; where the current one has gone, its nearest neighbour takes over. */
  keepWithin(order: readonly string[], before: readonly string[]): void {
    if (this.#keys.size === 0 && this.#current === null) return
    const there = new Set(order)
    const current = this.#current
    if (current !== null && !there.has(current)) {
      const next = neighbour(current, there, before)
      if (next === null) this.none()
      else this.only(next)
    } else if ([...this.#keys].some((key) => !there.has(key))) {
      this.#keys = new Set([...this.#keys].filter((key) => there.has(key)))
    }
  }
}

function neighbour(gone: string, there: ReadonlySet<string>, before: readonly string[]): string | null {
  const index = before.indexOf(gone)
  if (index < 0) return null
  const after = before.slice(index + 1).find((key) => there.has(key))
  return after ?? before.slice(0, index).findLast((key) => there.has(key)) ?? null
}
