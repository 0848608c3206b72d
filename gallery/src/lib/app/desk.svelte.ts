/** The desk: the takes of the shot that is shown, in the order on the page, and what a person does with them. */

import { SvelteSet } from 'svelte/reactivity'
import * as api from '../api.ts'
import type { LiveProject } from '../data/live-project.svelte.ts'
import { isAwaited, takeName } from '../film/names.ts'
import { saidOf } from '../film/said.ts'
import { sifted, type Filter } from '../film/sieve.ts'
import { plural } from '../format.ts'
import type { Note, NoteState, Params, Quality, Take } from '../types.ts'
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

  /** What the takes are narrowed to, all of which has to hold. */
  filters = $state.raw<readonly Filter[]>([])

  /** All takes of the shot, whether they are shown or not. */
  readonly known = $derived.by(() => new Map((this.page.live?.shown?.takes ?? []).map((take) => [take.id, take])))
  readonly takes = $derived.by(() => sifted(this.page.live?.shown?.takes ?? [], this.filters, prefs.order))
  readonly ids = $derived(this.takes.map((take) => take.id))
  readonly byId = $derived(new Map(this.takes.map((take) => [take.id, take])))
  readonly current = $derived(this.byId.get(this.selection.current ?? '') ?? null)
  readonly selected = $derived(this.takes.filter((take) => this.selection.has(take.id)))

  /** The message about what was deleted, or taken back, last. */
  #offered: number | null = null

  constructor(private readonly page: Page) {}

  select(id: string, how: 'only' | 'toggle' | 'extend' = 'only'): void {
    if (how === 'only') this.selection.only(id)
    else if (how === 'toggle') this.selection.toggle(id)
    else this.selection.extend(id, this.ids)
    this.page.route.note({ take: this.selection.current })
  }

  /** Show only what that filter keeps, too; or not any more. */
  filter(name: Filter): void {
    const is = this.filters.includes(name)
    this.filters = is ? this.filters.filter((one) => one !== name) : [...this.filters, name]
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

  /** Ask for words about the selected takes, or begin to cull those that are shown. */
  open(kind: 'tags' | 'note' | 'cull'): void {
    const about = kind === 'cull' ? this.takes : this.selected
    if (about.length) this.page.overlay = { kind }
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
    const done = await this.#ask([take.id], (project, shot) => api.activate(project, shot, take.id))
    if (done) this.page.announcer.say(`${takeName(take)} is the active take.`)
  }

  /** Delete them; the bytes stay. What is still being made is cancelled by that. */
  async delete(takes: readonly Take[]): Promise<void> {
    const shot = this.page.live?.shown?.shotId
    const wanted = takes.filter((take) => !take.deleted)
    const isDone = wanted.length > 0 && (await this.judge(wanted, { deleted: true }))
    if (isDone && shot) this.#offerUndo(wanted, shot)
  }

  /** Bring them back, in the shot that is shown unless another one is named. */
  async restore(takes: readonly Take[], of?: string): Promise<void> {
    const wanted = takes.filter((take) => !take.purged)
    const isDone = wanted.length > 0 && (await this.judge(wanted, { deleted: false }, of))
    if (isDone) this.page.announcer.say(`${phrase(wanted)} restored.`)
  }

  /** Have a failed take complete, with its file as it is. */
  async accept(take: Take): Promise<void> {
    const isDone = await this.#ask([take.id], (project, shot) => api.acceptTake(project, shot, take.id))
    if (isDone) this.page.announcer.say(`${takeName(take)} is complete, with its file as it is.`)
  }

  /** Have that be so of all those takes, or of none; whether the daemon has agreed. */
  judge(takes: readonly Take[], wanted: api.Judgement, of?: string): Promise<boolean> {
    const ids = takes.map((take) => take.id)
    if (ids.length === 0) return Promise.resolve(false)
    return this.#ask(ids, (project, shot) => api.judgeTakes(project, shot, ids, wanted), of)
  }

  /** Have a note of a take stand otherwise. */
  async setNote(take: Take, note: Note, state: NoteState): Promise<void> {
    await this.#ask([take.id], (project, shot) => api.markNote(project, shot, take.id, note.note, state))
  }

  /** Say how far the work on the shot that is shown is; empty for nothing. */
  async setStage(stage: string): Promise<void> {
    await this.#ask([], (project, shot) => api.judgeShot(project, shot, { stage }))
  }

  /** Take back what this person chose last, wherever that was; or choose it again. */
  async takeBack(how: 'undo' | 'redo'): Promise<void> {
    if (this.#offered !== null) toasts.hide(this.#offered)
    await this.#ask([], async (project) => {
      const { events } = await api.takeBack(project, how)
      this.#offered = toasts.show(saidOf(events, this.page.live?.shown?.shotId ?? null))
    })
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
    this.#offered = toasts.show(message, { action, lasts: UNDO_LASTS })
  }

  /** Ask about these takes; whether the daemon has agreed. What it refuses is shown. */
  async #ask(
    ids: readonly string[],
    ask: (project: string, shot: string) => Promise<unknown>,
    shot = this.page.live?.shown?.shotId,
  ): Promise<boolean> {
    const { live } = this.page
    if (!live || !shot) return false
    for (const id of ids) this.pending.add(id)
    try {
      await ask(live.project, shot)
      await live.shown?.refresh()
      return true
    } catch (error) {
      if (!(error instanceof Error)) throw error
      toasts.show(api.errorText(error), { kind: 'bad', lasts: UNDO_LASTS })
      return false
    } finally {
      for (const id of ids) this.pending.delete(id)
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
