/** Numbers, sizes and moments as a person reads them. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `1234567` as `1.2 MB`. */
export function bytes(count: number): string {
  let left = count
  let unit = 0
  while (left >= 999.5 && unit < UNITS.length - 1) {
    left /= 1000
    unit += 1
  }
  return `${unit === 0 || left >= 99.95 ? Math.round(left) : left.toFixed(1)} ${UNITS[unit]}`
}

/** `4.96` as `5.0 s`, `75` as `1:15`, `3661` as `1:01:01`. */
export function seconds(count: number): string {
  if (count < 59.95) return `${count.toFixed(1)} s`
  return clock(count)
}

/** `75.4` as `1:15`: whole seconds, as a player shows them. */
export function clock(count: number): string {
  const whole = Math.round(count)
  const rest = String(whole % 60).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${rest}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}

/** A duration in words, for those who hear the page: `5 seconds`, `1 minute 15 seconds`. */
export function spokenSeconds(count: number): string {
  const whole = Math.max(1, Math.round(count))
  if (whole < 60) return plural(whole, 'second')
  const rest = whole % 60
  const minutes = plural(Math.floor(whole / 60), 'minute')
  return rest ? `${minutes} ${plural(rest, 'second')}` : minutes
}

/** `12345` as `12,345`. */
export function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 take`, `2 takes`. */
export function plural(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`
}

// By hand: what `Intl` needs to know of the world takes longer to load than all else of the page.
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (part: number): string => String(part).padStart(2, '0')

/** A moment, as short as it can be told: `14:05` today, `3 Mar 14:05` this year, `3 Mar 2024` before. */
export function date(iso: string, now: Date = new Date()): string {
  const then = new Date(iso)
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`
  const day = `${then.getDate()} ${MONTHS[then.getMonth()]}`
  if (then.toDateString() === now.toDateString()) return time
  return then.getFullYear() === now.getFullYear() ? `${day} ${time}` : `${day} ${then.getFullYear()}`
}

/** A moment as people tell of it: `now`, `5 min ago`, `3 h ago`, `yesterday`, `4 days ago`, `2 weeks ago`, `3 months ago`. */
export function ago(iso: string, now: Date): string {
  const minutes = Math.round((now.getTime() - new Date(iso).getTime()) / 60_000)
  const days = daysBetween(new Date(iso), now)
  if (minutes < -1) return date(iso, now)
  if (minutes < 1) return 'now'
  if (minutes < 60) return `${minutes} min ago`
  if (days === 0 || minutes < 6 * 60) return `${Math.round(minutes / 60)} h ago`
  if (days < 7) return days === 1 ? 'yesterday' : `${days} days ago`
  const [length, unit] = SPANS.find(([length]) => days >= length) ?? [7, 'week']
  return `${plural(Math.floor(days / length), unit)} ago`
}

/** Days that each has, the longest first. */
const SPANS = [
  [365, 'year'],
  [30, 'month'],
  [7, 'week'],
] as const

/** How often midnight has passed between them. */
function daysBetween(then: Date, now: Date): number {
  const [from, to] = [new Date(then), new Date(now)].map((moment) => moment.setHours(12, 0, 0, 0)) as [number, number]
  return Math.round((to - from) / 86_400_000)
}

/** A moment in full: `5 Mar 2024, 18:00:00`. */
export function fullDate(iso: string): string {
  const then = new Date(iso)
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(':')
  return `${then.getDate()} ${MONTHS[then.getMonth()]} ${then.getFullYear()}, ${time}`
}

/** `1920 × 1080`. */
export function size(resolution: { width: number; height: number }): string {
  return `${resolution.width} × ${resolution.height}`
}

/** A folder's name as words: `001_Gulls_Over_The_Pier` is number `001` and `Gulls Over The Pier`. */
export function folderWords(folder: string): { number: string | null; words: string } {
  const match = /^(\d+)[_\- ]+(.+)$/.exec(folder)
  const words = (match?.[2] ?? folder).replaceAll('_', ' ').trim()
  return { number: match?.[1] ?? null, words: words || folder }
}

/** The name of a film as words: `The_Crossing` is The Crossing. */
export function filmWords(name: string): string {
  return name.replaceAll('_', ' ').trim() || name
}

/** The name of a shot's folder as words: `002_Mara_Ties_The_Boat` is 002 Mara Ties The Boat. */
export function shotWords(folder: string): string {
  const { number, words } = folderWords(folder)
  return [number, words].filter(Boolean).join(' ')
}

const CODECS: Readonly<Record<string, string>> = {
  prores: 'ProRes',
  dnxhd: 'DNxHD',
  h264: 'H.264',
  hevc: 'HEVC',
  av1: 'AV1',
  vp8: 'VP8',
  vp9: 'VP9',
  ffv1: 'FFV1',
  cfhd: 'CineForm',
  mpeg2video: 'MPEG-2',
  mpeg4: 'MPEG-4',
}

/** A codec as people write it; others as FFmpeg calls them. */
export function codecWords(codec: string): string {
  return CODECS[codec] ?? codec
}

/** What a problem says of itself, as a sentence. */
export function sentence(said: string): string {
  return said.slice(0, 1).toUpperCase() + said.slice(1) + (said.endsWith('.') ? '' : '.')
}
