/** Seeds: the number that makes a generator do the same again, or something new. */

/** What a new take's seed is to be: the one before, a new one, or what was typed (perhaps none). */
export type SeedChoice = 'random' | 'again' | 'own'

/** What a seed looks like in its field. */
export function printSeed(seed: unknown): string {
  if (seed === undefined || seed === null) return ''
  return typeof seed === 'object' ? JSON.stringify(seed) : String(seed)
}

/**
 * The seed that was typed: a number, or a `bigint` where a number would round it.
 *
 * Undefined where nothing was typed, null where it is no whole number from 0 up.
 */
export function parseSeed(text: string): number | bigint | null | undefined {
  const typed = text.trim()
  if (typed === '') return undefined
  if (!/^\d+$/.test(typed)) return null
  const seed = Number(typed)
  return Number.isSafeInteger(seed) ? seed : BigInt(typed)
}

/** What is chosen when a dialog opens: something new where there is a seed to do again. */
export function firstChoice(seed: unknown): SeedChoice {
  return printSeed(seed) === '' ? 'own' : 'random'
}
