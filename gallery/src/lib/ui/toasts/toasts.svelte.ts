/** The toasts: short messages at the foot of the page, the last one with a thing to do. */

export interface Toast {
  id: number
  message: string
  kind: 'plain' | 'bad'
  action: { label: string; run: () => void } | null
  /** Milliseconds until it goes by itself. */
  lasts: number
}

interface Options {
  kind?: Toast['kind']
  action?: Toast['action']
  lasts?: number
}

class Toasts {
  list = $state<Toast[]>([])
  #next = 1

  show(message: string, { kind = 'plain', action = null, lasts = 6_000 }: Options = {}): number {
    const id = this.#next++
    this.list = [...this.list.slice(-2), { id, message, kind, action, lasts }]
    return id
  }

  hide(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  /** Do what a toast offers, and take it away. */
  act(id: number): void {
    const action = this.list.find((toast) => toast.id === id)?.action
    this.hide(id)
    action?.run()
  }

  clear(): void {
    this.list = []
  }
}

export const toasts = new Toasts()
