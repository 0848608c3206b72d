/** Patience: a daemon or a line that is too busy for a moment is nothing that is missing. */

/** Milliseconds until it is asked again. */
const PAUSES = [300, 1_200]

/** What `ask` brings, who is asked again where it brings nothing. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await ask()
    } catch {
      await new Promise((done) => setTimeout(done, pause))
    }
  }
  return await ask()
}
