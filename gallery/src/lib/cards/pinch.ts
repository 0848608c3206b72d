/** Two fingers that size the pictures. */

import { prefs } from '../app/prefs.svelte.ts'
import { watchFingers } from '../ui/touch.ts'

/** Have two fingers on that element size the pictures, and one that stays open the menu; the answer ends it. */
export function watchCards(element: HTMLElement): () => void {
  let before = 0
  return watchFingers(element, {
    onpinchstart: () => (before = prefs.card),
    onpinch: (factor) => (prefs.card = Math.round(before * factor)),
  })
}
