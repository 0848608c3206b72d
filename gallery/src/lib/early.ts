/** What `index.html` has asked for by itself while the scripts were on their way: each answer is handed out once. */

declare global {
  interface Window {
    early?: Record<string, Promise<Response>> | undefined
  }
}

/** The answer that is on its way already; null where there is none, and from then on ever after: it would be old. */
export function earlyAnswer(url: string): Promise<Response> | null {
  const found = window.early?.[url]
  if (found) delete window.early?.[url]
  else window.early = undefined
  return found ?? null
}
