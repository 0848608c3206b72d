/**
 * Proxies: what the daemon makes of a video that this browser cannot play, so that it can.
 *
 * Each is asked for once, however many players show the take.
 */

import { SvelteMap } from 'svelte/reactivity'
import { errorText, isForeseen, makeProxy, proxyUrl } from '../api.ts'
import type { Take } from '../types.ts'

/** Milliseconds between two looks at how far one is. */
const AGAIN = 400

/** How far a proxy is; `progress` is from 0 to 1, or not known. */
export type ProxyState =
  | { is: 'made'; progress: number | null }
  | { is: 'ready'; url: string }
  | { is: 'refused'; why: string }

const known = new SvelteMap<string, ProxyState>()

/** What is known of a take's proxy; undefined while nobody has wanted one, and of what is no video. */
export function proxyOf(take: Take): ProxyState | undefined {
  return known.get(proxyUrl(take) ?? '')
}

/** This browser cannot play the take's video: have its proxy made, or give that one up where it is the proxy. */
export function wantProxy(take: Take): void {
  const url = proxyUrl(take)
  const state = proxyOf(take)
  if (url === null || state?.is === 'made' || state?.is === 'refused') return
  if (state) known.set(url, { is: 'refused', why: 'Nor can it play what was made of it.' })
  else void make(url)
}

/** Forget that a proxy could not be had. */
export function tryAgain(take: Take): void {
  if (proxyOf(take)?.is === 'refused') known.delete(proxyUrl(take) ?? '')
}

async function make(url: string): Promise<void> {
  known.set(url, { is: 'made', progress: null })
  try {
    for (;;) {
      const { ready, progress } = await makeProxy(url)
      if (ready) break
      known.set(url, { is: 'made', progress: progress ?? null })
      await new Promise((go) => setTimeout(go, AGAIN))
    }
    known.set(url, { is: 'ready', url })
  } catch (error) {
    if (!isForeseen(error)) throw error
    known.set(url, { is: 'refused', why: errorText(error) })
  }
}
