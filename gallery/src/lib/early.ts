/** What `index.html` has asked for by itself while the scripts were on their way: each answer is handed out once. */

declare global {
  interface Window {
    early?: {
      /** By what was asked. */
      answers: Record<string, Promise<string | null>>
      /** When all of it is asked, or that takes too long; null where there is nothing to wait for. */
      sent: Promise<unknown> | null
    }
  }
}

/**
 * The text of the answer that is on its way already; null where it is a refusal, or nobody has answered. Where nothing
 * is on its way there never is from then on: it would be old.
 */
export function earlyAnswer(url: string): Promise<string | null> | null {
  const answers = window.early?.answers
  const found = answers?.[url]
  if (answers && found) delete answers[url]
  else delete window.early
  return found ?? null
}
