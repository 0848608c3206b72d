/** Timecodes: moments as minutes, seconds and frames. */

/** Frames a second of what says nothing of its own. */
export const USUAL_RATE = 24

/** So that a time that is meant to be at a frame's start is not taken for the end of the one before. */
const HAIR = 1e-3

/** The number of the frame that is shown at a time, from 0. */
export function frameAt(time: number, rate: number): number {
  return Math.floor(time * rate + HAIR)
}

/** A time at which that frame is shown whatever is rounded on the way: its middle. */
export function timeOf(frame: number, rate: number): number {
  return (frame + 0.5) / rate
}

/** `65.5` at 24 frames a second as `1:05.12`. */
export function timecode(time: number, rate: number): string {
  const whole = Math.floor(time + HAIR / rate)
  const frame = Math.max(0, frameAt(time - whole, rate))
  const digits = rate > 100 ? 3 : 2
  return `${Math.floor(whole / 60)}:${pad(whole % 60, 2)}.${pad(frame, digits)}`
}

/** The same for those who hear the page: `1 minute 5 seconds 12 frames`. */
export function spokenTime(time: number, rate: number): string {
  const whole = Math.floor(time + HAIR / rate)
  const parts = [
    [Math.floor(whole / 60), 'minute'],
    [whole % 60, 'second'],
    [Math.max(0, frameAt(time - whole, rate)), 'frame'],
  ] as const
  const said = parts.filter(([count]) => count > 0)
  return said.map(([count, name]) => `${count} ${name}${count === 1 ? '' : 's'}`).join(' ') || 'start'
}

function pad(count: number, digits: number): string {
  return String(count).padStart(digits, '0')
}
