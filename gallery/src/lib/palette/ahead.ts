/** What is typed for the palette before it is there: all that lies over the page is loaded when it is first wanted. */

export interface Typed {
  text: string
  /** Whether it was confirmed already. */
  isDone: boolean
}

let typed: Typed | null = null

/** The palette is asked for: from now on it is typed to. */
export function beginAhead(): void {
  typed = { text: '', isDone: false }
}

/** Keep what is typed; whether it was for the palette. */
export function hearAhead(event: KeyboardEvent): boolean {
  if (!typed || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false
  if (event.key === 'Enter') typed.isDone = true
  else if (event.key === 'Backspace') typed.text = typed.text.slice(0, -1)
  else if (event.key.length === 1) typed.text += event.key
  else return false
  event.preventDefault()
  return true
}

/** It is there: what it begins with. */
export function takeAhead(): Typed {
  const taken = typed ?? { text: '', isDone: false }
  typed = null
  return taken
}
