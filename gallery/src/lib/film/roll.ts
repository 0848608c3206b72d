/** A new seed, of the 32 bits that every generator takes. */
export function roll(): number {
  const [seed = 0] = crypto.getRandomValues(new Uint32Array(1))
  return seed
}
