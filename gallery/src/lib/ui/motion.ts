/** Motion that explains, where somebody wants any: how long it lasts, and the mark of the active take on its way to another. */

import { crossfade } from 'svelte/transition'

/** Milliseconds. */
const LASTS = 160

/** How long something may move; not at all where that is not wanted, or cannot be. */
export function lasting(): number {
  const isWanted = typeof Element.prototype.animate === 'function' && !matchMedia('(prefers-reduced-motion: reduce)').matches
  return isWanted ? LASTS : 0
}

/** What leaves one place and comes to another goes from there to here. */
export const [leave, come] = crossfade({ duration: lasting })
