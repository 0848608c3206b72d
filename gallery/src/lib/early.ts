/** What `index.html` has asked for by itself while the scripts were on their way: each answer is handed out once. */

declare global {
  interface Window {
    /** By what was asked. */
    early?: Record<string, Promise<string | null>>
  }
}

/**
 * The text of the answer that is on its way already; null where it is a refusal, or nobody has answered. Where nothing
 * is on its way there never is from then on: it would be old.
 */
export function earlyAnswer(url: string): Promise<string | null> | null {
  const answers = window.early
  const found = answers?.[url]
  if (answers && found) delete answers[url]
  else delete window.early
  return found ?? null
}
