/** The menu of what is pointed at: what can be done with it, by name. */

export interface Entry {
  label: string
  /** The keys that do the same. */
  hint?: string
  run: () => unknown
  isDisabled?: boolean
  /** Whether a line stands above it. */
  isFirst?: boolean
}

interface Shown {
  /** What it is about. */
  label: string
  entries: readonly Entry[]
  /** Where it is shown: pixels of the window. */
  x: number
  y: number
}

class Menu {
  shown = $state.raw<Shown | null>(null)

  /** Show it where the pointer is; where a key has asked for it, at that element. */
  open(event: MouseEvent, at: Element | null, label: string, entries: readonly Entry[]): void {
    event.preventDefault()
    const box = at?.getBoundingClientRect()
    const isByKey = event.detail === 0 && event.button !== 2
    const [x, y] = isByKey && box ? [box.left + box.width / 2, box.top + box.height / 2] : [event.clientX, event.clientY]
    this.shown = { label, entries, x, y }
  }

  close(): void {
    this.shown = null
  }
}

export const menu = new Menu()
