/** Fingers: two of them make pictures larger and smaller, one that stays opens the menu, and one that swipes goes on. */

/** Milliseconds that a finger has to stay. */
const LONG = 500

/** Pixels that it may stray. */
const SLACK = 10

/** A swipe is at least so many pixels long, lasts so many milliseconds at most, and is twice as long as it is high. */
const SWIPE = { least: 60, most: 600, flat: 2 }

export interface Point {
  x: number
  y: number
}

interface Around {
  /** Two fingers are down, with that place of the window between them. */
  onpinchstart: (middle: Point) => void
  /** They are so many times as far apart as they were then, with that place between them. */
  onpinch: (factor: number, middle: Point) => void
}

/** Listen to the fingers on that element; the answer stops it. */
export function watchFingers(element: HTMLElement, around: Around): () => void {
  const fingers = new Map<number, PointerEvent>()
  let apart = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const ended = new AbortController()
  const listen = { signal: ended.signal }

  /** How far apart two fingers are, and what lies between them. */
  const reach = (): { distance: number; middle: Point } => {
    const [one, other = one] = [...fingers.values()]
    if (!one || !other) return { distance: 0, middle: { x: 0, y: 0 } }
    const distance = Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)
    return { distance, middle: { x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2 } }
  }

  /** iOS has no event for it; all others say so by themselves, and then this comes too late. */
  const stay = (event: PointerEvent): void => {
    const { clientX, clientY, target } = event
    target?.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, button: 2, clientX, clientY }))
  }

  const down = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch') return
    fingers.set(event.pointerId, event)
    clearTimeout(timer)
    if (fingers.size === 1) timer = setTimeout(() => stay(event), LONG)
    if (fingers.size !== 2) return
    const { distance, middle } = reach()
    apart = distance
    around.onpinchstart(middle)
  }

  const move = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId)
    if (!before) return
    if (Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) > SLACK) clearTimeout(timer)
    if (fingers.size < 2) return
    fingers.set(event.pointerId, event)
    const { distance, middle } = reach()
    if (apart) around.onpinch(distance / apart, middle)
  }

  const up = (event: PointerEvent): void => {
    clearTimeout(timer)
    fingers.delete(event.pointerId)
    apart = 0
  }

  element.addEventListener('pointerdown', down, listen)
  element.addEventListener('pointermove', move, listen)
  element.addEventListener('pointerup', up, listen)
  element.addEventListener('pointercancel', up, listen)
  element.addEventListener('contextmenu', () => clearTimeout(timer), listen)
  return () => {
    clearTimeout(timer)
    ended.abort()
  }
}

/** Be told of each swipe on that element: 1 where the finger goes to the left. What has `touch-action: none` has none. */
export function watchSwipes(element: HTMLElement, onswipe: (direction: 1 | -1) => void): () => void {
  let first: PointerEvent | null = null
  const ended = new AbortController()
  const listen = (type: 'pointerdown' | 'pointerup' | 'pointercancel', hear: (event: PointerEvent) => void): void =>
    element.addEventListener(type, hear, { signal: ended.signal })

  listen('pointerdown', (event) => {
    const isAlone = event.isPrimary && event.pointerType === 'touch'
    first = isAlone && event.target instanceof Element && getComputedStyle(event.target).touchAction !== 'none' ? event : null
  })
  listen('pointercancel', () => (first = null))
  listen('pointerup', (event) => {
    if (!first || event.pointerId !== first.pointerId) return
    const [across, down] = [event.clientX - first.clientX, event.clientY - first.clientY]
    const isQuick = event.timeStamp - first.timeStamp < SWIPE.most
    first = null
    if (isQuick && Math.abs(across) >= Math.max(SWIPE.least, SWIPE.flat * Math.abs(down))) onswipe(across < 0 ? 1 : -1)
  })
  return () => ended.abort()
}
