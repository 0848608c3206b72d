/**
 * Proxies: what the daemon makes of a video that this browser cannot play, so that it can; and which of the two is seen.
 *
 * Each is asked for once, however many players show the take.
 */

import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import { errorText, isForeseen, makeProxy, proxyUrl } from '../api.ts'
import type { Take } from '../types.ts'

/** Milliseconds between two looks at how far one is. */
const AGAIN = 400

/** A proxy has no more channels of sound. */
export const PROXY_CHANNELS = 2

/** How far a proxy is; `progress` is from 0 to 1, or not known. */
export type ProxyState =
  | { is: 'made'; progress: number | null }
  | { is: 'ready'; url: string }
  | { is: 'refused'; why: string }

const known = new SvelteMap<string, ProxyState>()

/** The addresses of the proxies that are seen instead of the originals. */
const seen = new SvelteSet<string>()

/** What is known of the proxy that is seen of a take; undefined where the original is. */
export function proxyOf(take: Take): ProxyState | undefined {
  const url = proxyUrl(take) ?? ''
  return seen.has(url) ? known.get(url) : undefined
}

/** The address of what is played of a take. */
export function sourceOf(take: Take): string | null {
  const proxy = proxyOf(take)
  return proxy?.is === 'ready' ? proxy.url : take.mediaUrl
}

/** Have a take's proxy seen; it is made where there is none yet. */
export function seeProxy(take: Take): void {
  const url = proxyUrl(take)
  if (url === null) return
  seen.add(url)
  if (!known.has(url)) void make(url)
}

/** Have the file itself seen, whether or not this browser can play it. */
export function seeOriginal(take: Take): void {
  seen.delete(proxyUrl(take) ?? '')
}

/** What is seen of a take's video cannot be played: have its proxy seen, or give that up where it is the proxy. */
export function giveUp(take: Take): void {
  if (proxyOf(take)) known.set(proxyUrl(take) ?? '', { is: 'refused', why: 'Nor can it play what was made of it.' })
  else seeProxy(take)
}

/** Forget that a proxy could not be had. */
export function tryAgain(take: Take): void {
  if (proxyOf(take)?.is !== 'refused') return
  known.delete(proxyUrl(take) ?? '')
  seeOriginal(take)
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
