/** What is pressed: which row of the table of keys it is, and whether it is meant for a control instead. */

import { KEYS, type Name, type View } from './table.ts'

/** What each row of a view does; `undefined` where it does not apply now, or is done elsewhere. */
export type Actions<V extends View> = Record<Name<V>, ((event: KeyboardEvent) => unknown) | undefined>

const ARROWS = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'])

/** Do what a key stands for in that view; whether it stood for something. */
export function press<V extends View>(event: KeyboardEvent, view: V, actions: Actions<V>): boolean {
  if (event.defaultPrevented || event.isComposing) return false
  const action = actions[nameOf(event, view) as Name<V>]
  if (!action) return false
  action(event)
  event.preventDefault()
  event.stopPropagation()
  return true
}

/** Whether a view listens to that key. */
export function isKeyOf(event: KeyboardEvent, view: View): boolean {
  return nameOf(event, view) !== null
}

/** Whether what is pressed is meant as text. */
export function isTyping({ target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('textarea, select, input:not([type="range"])')
}

/** The name of the row that the key is in; null where it is in none. */
function nameOf(event: KeyboardEvent, view: View): string | null {
  const rows = Object.entries<readonly [string, string]>(KEYS[view].rows)
  const named = (wanted: string) => rows.find(([, [keys]]) => keys.split(' ').includes(wanted))?.[0]
  const pressed = keyOf(event)
  const shifted = digitOf(event)
  return ((shifted && named(`Shift+${shifted}`)) || named(pressed)) ?? (/^[\p{L}\p{N}]$/u.test(pressed) ? named('Letter') : null) ?? null
}

/** The digit that is pressed with Shift, on a keyboard where that is another sign. */
function digitOf({ key, code, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): string | null {
  if (!shiftKey || ctrlKey || metaKey || altKey || /\d/.test(key)) return null
  return /^Digit(\d)$/.exec(code)?.[1] ?? null
}

/** What it is called in the table. Shift counts with the arrows and with Ctrl; else it is part of a letter or a sign. */
function keyOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  const isCommand = ctrlKey || metaKey
  const isMove = ARROWS.has(key)
  const shift = shiftKey && (isCommand || isMove) ? 'Shift+' : ''
  const plain = key === ' ' ? 'Space' : key.length === 1 ? key.toLowerCase() : key
  return `${isCommand ? 'Ctrl+' : ''}${altKey ? 'Alt+' : ''}${shift}${shift && isMove ? 'Arrows' : plain}`
}

const PRESSED = new Set([' ', 'Enter'])

/** What moves with the arrow keys. */
const MOVES = 'input, select, [role="slider"], [data-pans]'

/** Whether a key is for the control that has the focus, or for the browser, and not for the view around it. */
export function isForControl(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true
  const { target, key } = event
  if (!(target instanceof Element)) return false
  if (PRESSED.has(key)) return target.matches('button, a, select, summary, input:not([type="range"])')
  return ARROWS.has(key) && target.matches(MOVES)
}
