/** The keys of the transport, as editors have them. */

import type { Clock } from './clock.svelte.ts'

/** What does not move has none of them. */
export const NOT_PLAYED = {
  toggle: undefined,
  back: undefined,
  stop: undefined,
  forward: undefined,
  speed: undefined,
  mute: undefined,
  frameBack: undefined,
  frameOn: undefined,
  start: undefined,
  end: undefined,
  from: undefined,
  to: undefined,
}

/** By the digit that is pressed with Shift. */
const SPEED_OF: Readonly<Record<string, number>> = { Digit1: 0.25, Digit2: 0.5, Digit3: 1, Digit4: 2, Digit5: 4 }

/** What they drive. */
type Driven = Pick<Clock, 'toggle' | 'push' | 'pause' | 'speed' | 'muted' | 'step' | 'seek' | 'duration' | 'markFrom' | 'markTo'>

export function transportKeys(clock: Driven) {
  return {
    toggle: () => clock.toggle(),
    back: () => clock.push(-1),
    stop: () => clock.pause(),
    forward: () => clock.push(1),
    speed: ({ code }: KeyboardEvent) => (clock.speed = SPEED_OF[code] ?? 1),
    mute: () => (clock.muted = !clock.muted),
    frameBack: () => clock.step(-1),
    frameOn: () => clock.step(1),
    start: () => clock.seek(0),
    end: () => clock.seek(clock.duration),
    from: () => clock.markFrom(),
    to: () => clock.markTo(),
  }
}
