/** What is selected among the takes of a shot: some of them, one of which is the current one. */

export class Selection {
  #ids = $state.raw<ReadonlySet<string>>(new Set())
  #current = $state<string | null>(null)
  #anchor: string | null = null

  get ids(): ReadonlySet<string> {
    return this.#ids
  }

  /** The one that keys and panels are about. */
  get current(): string | null {
    return this.#current
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  only(id: string): void {
    this.#ids = new Set([id])
    this.#current = id
    this.#anchor = id
  }

  none(): void {
    this.#ids = new Set()
    this.#current = null
    this.#anchor = null
  }

  /** Add it, or take it out. */
  toggle(id: string): void {
    const ids = new Set(this.#ids)
    if (!ids.delete(id)) ids.add(id)
    this.#ids = ids
    this.#anchor = id
    this.#current = ids.has(id) ? id : ([...ids].at(-1) ?? null)
  }

  /** From where the selection began up to this one, in that order. */
  extend(id: string, order: readonly string[]): void {
    const from = order.indexOf(this.#anchor ?? id)
    const to = order.indexOf(id)
    if (from < 0 || to < 0) return this.only(id)
    this.#ids = new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1))
    this.#current = id
  }

  /** Just these; the current one stays where it is among them. */
  these(ids: readonly string[]): void {
    this.#ids = new Set(ids)
    if (this.#current === null || !this.#ids.has(this.#current)) this.#current = ids.at(-1) ?? this.#current
    this.#anchor = this.#current
  }

  all(order: readonly string[]): void {
    this.#ids = new Set(order)
    this.#current ??= order[0] ?? null
  }

  /** Leave out what is no longer there; where the current one has gone, its nearest neighbour takes over. */
  keepWithin(order: readonly string[], before: readonly string[]): void {
    if (this.#ids.size === 0 && this.#current === null) return
    const there = new Set(order)
    const current = this.#current
    if (current !== null && !there.has(current)) {
      const next = neighbour(current, there, before)
      if (next === null) this.none()
      else this.only(next)
    } else if ([...this.#ids].some((id) => !there.has(id))) {
      this.#ids = new Set([...this.#ids].filter((id) => there.has(id)))
    }
  }
}

function neighbour(gone: string, there: ReadonlySet<string>, before: readonly string[]): string | null {
  const index = before.indexOf(gone)
  if (index < 0) return null
  const after = before.slice(index + 1).find((id) => there.has(id))
  return after ?? before.slice(0, index).findLast((id) => there.has(id)) ?? null
}
