/** Whether somebody looks at the page. */

import type { App } from '../app/app.svelte.ts'

/** Milliseconds that a hidden page stays connected: a browser has few connections for all its pages. */
const REST_AFTER = 60_000

/** Let go of the event stream while the page is hidden, and take it up when it is seen again. */
export function watchPresence(app: App): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = (): void => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => app.live?.rest(), REST_AFTER)
    else {
      app.look()
      app.live?.wake()
    }
  }
  const online = (): void => app.live?.retry()
  document.addEventListener('visibilitychange', look)
  addEventListener('online', online)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
    removeEventListener('online', online)
  }
}
