/** Keys: which of them a control that has the focus wants for itself. */

const PRESSED = new Set([' ', 'Enter'])
const MOVED = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown'])

/** What moves with the arrow keys. */
const MOVES = 'input, select, [role="slider"], [data-pans]'

/** Whether a key is for the control that has the focus, or for the browser, and not for the view around it. */
export function isForControl(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true
  const { target, key } = event
  if (!(target instanceof Element)) return false
  if (PRESSED.has(key)) return target.matches('button, a, select, summary, input:not([type="range"])')
  return MOVED.has(key) && target.matches(MOVES)
}

/** Do what a key stands for; whether it stood for something. */
export function press(event: KeyboardEvent, actions: Record<string, (() => void) | undefined>): boolean {
  if (event.defaultPrevented || isForControl(event)) return false
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  if (!action) return false
  event.preventDefault()
  event.stopPropagation()
  action()
  return true
}
