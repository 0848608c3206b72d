/** Timecodes: which frame a moment is, and how frames are counted and told. */

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

/** A timecode as a file has it, by SMPTE ST 12: hours, minutes, seconds and frames, the last behind `;` where some are dropped. */
const CODE = /^(\d\d):([0-5]\d):([0-5]\d)([:;.])(\d\d+)$/

/** The counting of frames as timecodes have it: so many a second, and so many numbers left out of most minutes. */
interface Count {
  second: number
  dropped: number
}

function countOf(rate: number, start: string | null): Count {
  const second = Math.max(1, Math.round(rate))
  const isDropped = start ? /[;.]/.test(start) : second !== rate
  const canBe = second % 30 === 0 && Math.abs((rate * 1001) / 1000 - second) < 0.01
  return { second, dropped: isDropped && canBe ? second / 15 : 0 }
}

/** The frame of the day that a timecode stands for. */
function frameOf(code: string, { second, dropped }: Count): number {
  const [, hours, minutes, seconds, , frames] = CODE.exec(code) ?? []
  const minute = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  return (minute * 60 + Number(seconds ?? 0)) * second + Number(frames ?? 0) - dropped * (minute - Math.floor(minute / 10))
}

/** Frame 100 at 24 a second as `00:00:04:04`; at 29.97 and 59.94 drop-frame, unless the start is not. */
export function timecode(frame: number, rate: number, start: string | null = null): string {
  const begins = start !== null && CODE.test(start) ? start : null
  const count = countOf(rate, begins)
  const { second, dropped } = count
  const minute = second * 60 - dropped
  const ten = minute * 10 + dropped
  const all = (frame + (begins ? frameOf(begins, count) : 0)) % (ten * 144)
  const within = all % ten
  const left = within < second * 60 ? 0 : dropped * (1 + Math.floor((within - second * 60) / minute))
  const number = all + Math.floor(all / ten) * 9 * dropped + left
  const parts = [number / second / 3600, (number / second / 60) % 60, (number / second) % 60].map((part) => pad(Math.floor(part), 2))
  return `${parts.join(':')}${dropped ? ';' : ':'}${pad(number % second, second > 100 ? 3 : 2)}`
}

/** A moment for those who hear the page: `1 minute 5 seconds 12 frames`. */
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
