/** The keys of the transport, as editors have them. */

import type { Clock } from './clock.svelte.ts'

/** What does not move has none of them. */
export const NOT_PLAYED = {
  toggle: undefined,
  slower: undefined,
  faster: undefined,
  mute: undefined,
  frameBack: undefined,
  frameOn: undefined,
  start: undefined,
  end: undefined,
}

export function transportKeys(clock: Clock) {
  return {
    toggle: () => clock.toggle(),
    slower: () => clock.shift(-1),
    faster: () => clock.shift(1),
    mute: () => (clock.muted = !clock.muted),
    frameBack: () => clock.step(-1),
    frameOn: () => clock.step(1),
    start: () => clock.seek(0),
    end: () => clock.seek(clock.duration),
  }
}
