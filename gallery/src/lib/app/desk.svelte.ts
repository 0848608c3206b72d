/** The desk: the takes of the shot that is shown, in the order on the page, and what a person does with them. */

import { SvelteSet } from 'svelte/reactivity'
import * as api from '../api.ts'
import type { LiveProject } from '../data/live-project.svelte.ts'
import { isAwaited, takeName } from '../film/names.ts'
import { plural } from '../format.ts'
import type { Params, Quality, Take } from '../types.ts'
import { toasts } from '../ui/toasts.svelte.ts'
import type { Announcer } from './announcer.svelte.ts'
import type { Overlay } from './overlay.ts'
import { prefs } from './prefs.svelte.ts'
import type { Route } from './route.svelte.ts'
import { Selection } from './selection.svelte.ts'

/** Milliseconds in which a deletion can be undone with a word; later the deleted takes can be shown. */
const UNDO_LASTS = 10_000

/** What the desk needs of the page around it. */
interface Page {
  readonly live: LiveProject | null
  readonly route: Route
  readonly announcer: Announcer
  overlay: Overlay | null
}

export class Desk {
  readonly selection = new Selection()
  /** The takes about which the daemon has been asked and has not answered yet. */
  readonly pending = new SvelteSet<string>()

  readonly takes = $derived.by(() => {
    const takes = this.page.live?.shown?.takes ?? []
    return prefs.order === 'newest' ? takes.toReversed() : takes
  })
  readonly ids = $derived(this.takes.map((take) => take.id))
  readonly byId = $derived(new Map(this.takes.map((take) => [take.id, take])))
  readonly current = $derived(this.byId.get(this.selection.current ?? '') ?? null)
  readonly selected = $derived(this.takes.filter((take) => this.selection.has(take.id)))

  /** The toast that offers to undo the last deletion. */
  #undoable: number | null = null

  constructor(private readonly page: Page) {}

  select(id: string, how: 'only' | 'toggle' | 'extend' = 'only'): void {
    if (how === 'only') this.selection.only(id)
    else if (how === 'toggle') this.selection.toggle(id)
    else this.selection.extend(id, this.ids)
    this.page.route.note({ take: this.selection.current })
  }

  /** The current take's neighbour, in the order on the page. */
  neighbour(id: string, delta: 1 | -1): Take | null {
    const index = this.ids.indexOf(id)
    return index < 0 ? null : (this.takes[index + delta] ?? null)
  }

  play(id = this.selection.current): void {
    const take = id ? this.byId.get(id) : null
    if (!take) return
    if (take.mediaUrl) this.page.overlay = { kind: 'player', take: take.id }
    else toasts.show(`${takeName(take)} ${whyUnplayed(take)}`)
  }

  get canCompare(): boolean {
    return this.selected.filter((take) => take.mediaUrl).length === 2
  }

  compare(): void {
    const [one, other] = this.selected.filter((take) => take.mediaUrl).sort((a, b) => a.number - b.number)
    if (this.canCompare && one && other) this.page.overlay = { kind: 'compare', left: one.id, right: other.id }
    else if (this.selected.length === 2) toasts.show('Only takes that can be played can be compared.')
    else toasts.show('Select two takes to compare them: Ctrl or Shift and click.')
  }

  async activate(take: Take): Promise<void> {
    if (take.active) return
    if (take.status !== 'complete' || take.deleted) {
      const state = take.purged ? 'purged' : 'not complete'
      return void toasts.show(`${takeName(take)} is ${state}, so it cannot be the active take.`)
    }
    const done = await this.#ask(take.id, (project, shot) => api.activate(project, shot, take.id))
    if (done) this.page.announcer.say(`${takeName(take)} is the active take.`)
  }

  /** Delete them; the bytes stay. What is still being made is cancelled by that. */
  async delete(takes: readonly Take[]): Promise<void> {
    const shot = this.page.live?.shown?.shotId
    const wanted = takes.filter((take) => !take.deleted)
    const answers = await Promise.all(
      wanted.map((take) => this.#ask(take.id, (project, shot) => api.deleteTake(project, shot, take.id))),
    )
    const deleted = wanted.filter((_, index) => answers[index])
    if (deleted.length && shot) this.#offerUndo(deleted, shot)
  }

  /** Bring them back, in the shot that is shown unless another one is named. */
  async restore(takes: readonly Take[], of?: string): Promise<void> {
    const wanted = takes.filter((take) => !take.purged)
    const answers = await Promise.all(
      wanted.map((take) => this.#ask(take.id, (project, shot) => api.restoreTake(project, shot, take.id), of)),
    )
    const restored = wanted.filter((_, index) => answers[index])
    if (restored.length) this.page.announcer.say(`${phrase(restored)} restored.`)
  }

  /** Undo the last deletion, while that is offered. */
  undo(): void {
    if (this.#undoable !== null) toasts.act(this.#undoable)
  }

  async generate(params: Params, quality: Quality, workflow: string | null): Promise<void> {
    const { live } = this.page
    const shot = live?.shown?.shotId
    if (!live || !shot) return
    const { takeId } = await api.newTake(live.project, shot, params, quality, workflow)
    await live.shown?.refresh()
    if (this.byId.has(takeId)) this.select(takeId)
    this.page.announcer.say('A new take is queued.')
  }

  #offerUndo(deleted: readonly Take[], shot: string): void {
    const isCancelled = deleted.every(isAwaited)
    const message = `${phrase(deleted)} ${isCancelled ? 'cancelled' : 'deleted'}.`
    const undo = (): void => void this.restore(deleted, shot)
    const action = isCancelled ? null : { label: 'Undo', run: undo }
    const toast = toasts.show(message, { action, lasts: UNDO_LASTS })
    this.#undoable = isCancelled ? null : toast
  }

  /** Ask about one take; whether the daemon has agreed. What it refuses is shown. */
  async #ask(
    id: string,
    ask: (project: string, shot: string) => Promise<Take>,
    shot = this.page.live?.shown?.shotId,
  ): Promise<boolean> {
    const { live } = this.page
    if (!live || !shot) return false
    this.pending.add(id)
    try {
      await ask(live.project, shot)
      await live.shown?.refresh()
      return true
    } catch (error) {
      if (!(error instanceof Error)) throw error
      toasts.show(api.errorText(error), { kind: 'bad', lasts: UNDO_LASTS })
      return false
    } finally {
      this.pending.delete(id)
    }
  }
}

function phrase(takes: readonly Take[]): string {
  const [first] = takes
  return takes.length === 1 && first ? takeName(first) : plural(takes.length, 'take')
}

function whyUnplayed(take: Take): string {
  if (take.purged) return 'is purged: its recipe is kept, and nothing to play.'
  return `has nothing to play${take.status === 'generating' ? ' yet' : ''}.`
}
