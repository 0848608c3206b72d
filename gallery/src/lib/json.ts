/**
 * JSON in which no whole number is rounded: one that a `number` cannot hold is a `bigint`.
 *
 * Generators give seeds of 64 bits, and a seed that is off by one makes another picture.
 */

const MARK = '\u0000whole:'
const MARKED = /"\\u0000whole:(-?\d+)"/g
/** A string, which is passed over, or a whole number that is long enough to be too large. */
const LONG = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
/** What such a number may look like at a glance; in a hash digits follow other letters. */
const GLANCE = /(?:^|[:,[\s])-?\d{16}/
const WHOLE = /^-?\d{16,}$/

/** The value of a JSON text. Throws a SyntaxError where it is none. */
export function parseJson(text: string): unknown {
  if (!GLANCE.test(text)) return JSON.parse(text)
  return JSON.parse(text.replace(LONG, markLarge), (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  )
}

/** A value as JSON; with `indent`, over several lines. */
export function printJson(value: unknown, indent = 0): string {
  const text = JSON.stringify(
    value,
    (_, part: unknown) => (typeof part === 'bigint' ? MARK + part.toString() : part),
    indent,
  )
  return text.replace(MARKED, '$1')
}

function markLarge(token: string): string {
  const large = WHOLE.test(token) && !Number.isSafeInteger(Number(token))
  return large ? `"\\u0000whole:${token}"` : token
}
