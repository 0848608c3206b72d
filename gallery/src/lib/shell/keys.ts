/** The keys of the whole page; those of the grid and the tree are theirs. */

import type { App } from '../app/app.svelte.ts'

/** Whether what is pressed is meant as text. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

export interface PageActions {
  search: () => void
  recipe: () => void
}

export function onPageKey(event: KeyboardEvent, app: App, actions: PageActions): void {
  if (event.defaultPrevented || event.isComposing || app.overlay || document.querySelector('dialog[open]')) return
  if (isTyping(event)) return
  if (isUndo(event)) app.desk.undo()
  else if (event.ctrlKey || event.metaKey || event.altKey || !act(event.key, app, actions)) return
  event.preventDefault()
}

function isUndo(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z'
}

function act(key: string, app: App, actions: PageActions): boolean {
  switch (key) {
    case '/':
      actions.search()
      return true
    case '?':
      app.overlay = { kind: 'help' }
      return true
    case 'i':
      actions.recipe()
      return true
    case 'n':
      if (app.route.place.shot) app.overlay = { kind: 'generate' }
      return app.route.place.shot !== null
    case 'c':
      if (app.shot) app.desk.compare()
      return app.shot !== null
    default:
      return false
  }
}
