/** The keys of the transport, as editors have them. */

import type { Clock } from './clock.svelte.ts'

export function transportKeys(clock: Clock): Record<string, () => void> {
  return {
    ' ': () => clock.toggle(),
    k: () => clock.toggle(),
    j: () => clock.shift(-1),
    l: () => clock.shift(1),
    m: () => (clock.muted = !clock.muted),
    ',': () => clock.step(-1),
    '.': () => clock.step(1),
    Home: () => clock.seek(0),
    End: () => clock.seek(clock.duration),
  }
}
