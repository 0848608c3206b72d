/** What `index.html` has drawn by itself while the scripts were on their way: the first takes of a shot. */

import { remember } from './app/memory.ts'

/** Milliseconds until pictures of the page's own that do not come are not waited for any more. */
const PATIENCE = 1_000

/** Milliseconds in which a picture appears. */
const FADE = 150

/** Return once it has been seen, where there is anything. */
export async function firstSeen(): Promise<void> {
  const picture = document.querySelector<HTMLImageElement>('#first img')
  if (!picture) return
  await picture.decode().catch(() => undefined)
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
}

/** Take it away once the page has the same pictures, and remember how far down they are. */
export async function replaceFirst(page: HTMLElement): Promise<void> {
  const first = document.getElementById('first')
  if (first?.hasChildNodes()) await Promise.race([nextPicture(page).then(() => after(FADE)), after(PATIENCE)])
  first?.remove()
  const top = document.getElementById('takes')?.getBoundingClientRect().top
  if (top) remember('top', String(top))
}

function nextPicture(page: HTMLElement): Promise<unknown> {
  return new Promise((done) => page.addEventListener('load', done, { capture: true, once: true }))
}

function after(milliseconds: number): Promise<unknown> {
  return new Promise((done) => setTimeout(done, milliseconds))
}
