/** The number, or the nearest one from `least` to `most`. */
export function clamp(number: number, least: number, most: number): number {
  return Math.min(Math.max(number, least), most)
}
