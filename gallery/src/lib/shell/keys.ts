/** The keys of the whole page; those of the grid and the tree are theirs. */

import type { App } from '../app/app.svelte.ts'
import { CARD, prefs } from '../app/prefs.svelte.ts'
import { isTyping, press } from '../keys/press.ts'
import { beginAhead, hearAhead } from '../palette/ahead.ts'

export interface PageActions {
  search: () => void
  recipe: () => void
  film: () => void
}

export function onPageKey(event: KeyboardEvent, app: App, actions: PageActions): void {
  if (app.overlay?.kind === 'palette') hearAhead(event)
  if (app.overlay || document.querySelector('dialog[open]') || isTyping(event)) return
  press(event, 'page', {
    ...actions,
    generate: app.route.place.shot && app.may('artist') ? () => (app.overlay = { kind: 'generate' }) : undefined,
    compare: app.shot || app.desk.found ? () => app.desk.compare() : undefined,
    palette: () => {
      beginAhead()
      app.overlay = { kind: 'palette' }
    },
    larger: () => (prefs.card += CARD.step),
    smaller: () => (prefs.card -= CARD.step),
    undo: () => void app.desk.takeBack('undo'),
    redo: () => void app.desk.takeBack('redo'),
    help: () => (app.overlay = { kind: 'help' }),
  })
}
