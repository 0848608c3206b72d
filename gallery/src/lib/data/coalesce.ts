/**
 * One run at a time: what is asked for while it runs is done by one more run, after it. The first of them starts at
 * once; `pause` milliseconds lie between two, so that a burst leaves room for the page itself.
 */
export function coalesced(run: () => Promise<void>, pause: number | (() => number) = 0): () => Promise<void> {
  let running: Promise<void> | null = null
  let again = false

  async function loop(): Promise<void> {
    do {
      again = false
      await run()
      const wait = typeof pause === 'number' ? pause : pause()
      if (again && wait) await new Promise((done) => setTimeout(done, wait))
    } while (again)
  }

  return () => {
    if (running) again = true
    else running = loop().finally(() => (running = null))
    return running
  }
}
