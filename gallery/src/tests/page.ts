/** The whole page over a world, as the tests use it. */

import { render, screen, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect } from 'vitest'
import { App } from '../lib/app/app.svelte.ts'
import { hashOf } from '../lib/app/route.svelte.ts'
// What the page loads later is there from the start: nothing here waits for it to be compiled.
import '../lib/shell/Overlays.svelte'
import Page from '../Page.svelte'
import { GULLS } from './samples.ts'

/** Open the page at a shot, or at the whole film, and wait until it is connected. */
export async function openPage(shot: string | null = GULLS, take: string | null = null) {
  history.replaceState(null, '', hashOf({ project: 'myfilm', shot, query: null, take, asOf: null }))
  const app = new App()
  const user = userEvent.setup()
  const { unmount } = render(Page, { app })
  return { app, user, unmount }
}

export async function openGrid(take: string | null = null) {
  const opened = await openPage(GULLS, take)
  const grid = await screen.findByRole('listbox', { name: 'Takes' })
  await expect.poll(() => opened.app.live?.connection).toBe('open')
  grid.focus()
  return { ...opened, grid }
}

export function options(): HTMLElement[] {
  return screen.queryAllByRole('option').filter((one) => one.tagName !== 'OPTION')
}

/** The accessible names of the cards that are drawn. */
export function names(): string[] {
  return options().map(nameOf)
}

export function current(grid: HTMLElement): string {
  const id = grid.getAttribute('aria-activedescendant') ?? ''
  return nameOf(document.getElementById(id))
}

/** What a card is called to those who hear the page. */
function nameOf(card: HTMLElement | null): string {
  return card?.querySelector('.unseen')?.textContent ?? ''
}

export function selected(): string[] {
  return options()
    .filter((one) => one.getAttribute('aria-selected') === 'true')
    .map((one) => nameOf(one).split(',')[0] ?? '')
}

export function toolbar() {
  return within(screen.getByRole('toolbar', { name: 'The selected takes' }))
}
