/** The desk: the takes that are shown, of a shot or of what was found, and what a person does with them. */

import { SvelteSet } from 'svelte/reactivity'
import * as api from '../api.ts'
import type { LiveProject } from '../data/live-project.svelte.ts'
import { MOST } from '../data/found-takes.svelte.ts'
import { isAwaited, keyOf, takeName } from '../film/names.ts'
import { pathOf } from '../film/paths.ts'
import { saidOf } from '../film/said.ts'
import { filtersFor, sifted, type Filter } from '../film/sieve.ts'
import { count, plural } from '../format.ts'
import type { JudgeShotBody, Note, NoteState, Params, Project, Quality, Shot, Take } from '../types.ts'
import { toasts } from '../ui/toasts/toasts.svelte.ts'
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
  readonly project: Project | null
  readonly route: Route
  readonly announcer: Announcer
  overlay: Overlay | null
  may(need: 'artist'): boolean
}

/** Takes that are seen together at most. */
const MOST_COMPARED = 9

export class Desk {
  readonly selection = new Selection()
  /** The keys of the takes about which the daemon has been asked and has not answered yet. */
  readonly pending = new SvelteSet<string>()

  /** What the takes are narrowed to, by the names of the filters. */
  filters = $state.raw<readonly string[]>([])
  /** Up to which number this person has seen the takes of the shot; null where that is not known. */
  seen = $state<number | null>(null)
  /** What the takes of the shot can be narrowed to. */
  readonly choices = $derived.by(() => filtersFor(this.page.live?.shown?.takes ?? [], this.seen))
  readonly #chosen: readonly Filter[] = $derived(this.choices.filter(({ label }) => this.filters.includes(label)))

  /** What a query has found, where that is shown. */
  readonly found = $derived.by(() => this.page.live?.found ?? null)
  /** Those that are shown, in their order; of what was found with holes, where nobody has looked yet. */
  readonly takes: readonly (Take | undefined)[] = $derived.by(() =>
    this.found ? this.found.takes : sifted(this.page.live?.shown?.takes ?? [], this.#chosen, prefs.order),
  )
  readonly keys = $derived(Array.from(this.takes, (take) => (take ? keyOf(take) : '')))
  readonly byKey = $derived(new Map(this.takes.flatMap((take) => (take ? [[keyOf(take), take]] : []))))
  /** All that are there, whether they are shown or not. */
  readonly known = $derived.by(() =>
    this.found ? this.byKey : new Map((this.page.live?.shown?.takes ?? []).map((take) => [keyOf(take), take])),
  )
  readonly current = $derived(this.byKey.get(this.selection.current ?? '') ?? null)
  readonly selected = $derived([...this.selection.keys].flatMap((key) => this.byKey.get(key) ?? []))

  /** The message about what was deleted, or taken back, last. */
  #offered: number | null = null

  constructor(private readonly page: Page) {}

  select(key: string, how: 'only' | 'toggle' | 'extend' = 'only'): void {
    if (how === 'only') this.selection.only(key)
    else if (how === 'toggle') this.selection.toggle(key)
    else this.selection.extend(key, this.keys)
    this.page.route.note({ take: this.found ? this.selection.current : (this.current?.id ?? null) })
  }

  /** Select the one that is there, had first where nobody has looked at it yet. */
  async selectAt(index: number, how: 'only' | 'extend'): Promise<void> {
    const { found } = this
    if (!this.keys[index]) await found?.need(index, index + 1)
    const key = this.keys[index]
    if (key && found === this.found) this.select(key, how)
  }

  /** Select all; of what was found as many as can be had at once. */
  async selectAll(): Promise<void> {
    const { found } = this
    await found?.need(0, MOST)
    if (found !== this.found) return
    this.selection.all(this.keys.slice(0, found ? MOST : undefined))
    if (found && this.keys.length > MOST) {
      toasts.show(`The newest ${count(MOST)} of ${count(this.keys.length)} takes are selected.`)
    }
  }

  /** Show only what that filter keeps, too; or not any more. */
  filter(name: string): void {
    const is = this.filters.includes(name)
    this.filters = is ? this.filters.filter((one) => one !== name) : [...this.filters, name]
  }

  /** The current take's neighbour, in the order on the page. */
  neighbour(take: Take, delta: 1 | -1): Take | null {
    const index = this.keys.indexOf(keyOf(take))
    return index < 0 ? null : (this.takes[index + delta] ?? null)
  }

  /** Show a take among those of its shot. */
  goTo(take: Take): void {
    if (this.found) this.page.route.note({ take: keyOf(take) })
    this.page.route.go({ shot: take.shotId, take: take.id })
  }

  play(key = this.selection.current): void {
    const take = key ? this.byKey.get(key) : null
    if (!take) return
    if (take.mediaUrl) this.page.overlay = { kind: 'player', take: keyOf(take) }
    else toasts.show(`${takeName(take)} ${whyUnplayed(take)}`)
  }

  /** Ask for words about the selected takes, or begin to cull those that are shown. */
  open(kind: 'tags' | 'note' | 'cull'): void {
    const about = kind === 'cull' ? this.takes : this.selected
    if (about.length && !this.#isPast() && this.page.may('artist')) this.page.overlay = { kind }
  }

  /** Put where the files of the selected takes are on the clipboard, a line for each. */
  async copyPaths(): Promise<void> {
    const root = this.page.project?.path ?? ''
    const paths = this.selected.flatMap((take) => api.filePath(root, pathOf(take.shotId), take) ?? [])
    if (paths.length === 0) return void toasts.show('None of them has a file.')
    await this.copy(paths)
  }

  /** Put paths on the clipboard, a line for each; `why` is said first. */
  async copy(paths: readonly string[], why = ''): Promise<void> {
    try {
      await navigator.clipboard.writeText(paths.join('\n'))
      toasts.show(`${why}${plural(paths.length, 'path')} copied.`)
    } catch {
      toasts.show(`${why}The browser does not let the page copy.`, { kind: 'bad' })
    }
  }

  /** Show where the file of a take is, in the file manager; where there is none, have its path copied. */
  async reveal(take: Take): Promise<void> {
    const [root, shot] = [this.page.project?.path ?? '', pathOf(take.shotId)]
    await this.#reveal(take.shotId, take.id, api.filePath(root, shot, take) ?? api.dropPath(root, shot))
  }

  async revealShot(shot: Shot): Promise<void> {
    await this.#reveal(shot.id, null, api.dropPath(this.page.project?.path ?? '', shot.path))
  }

  async #reveal(shot: string, take: string | null, path: string): Promise<void> {
    const { live } = this.page
    if (!live) return
    try {
      await api.reveal(live.project, shot, take)
    } catch (error) {
      if (!api.isForeseen(error)) throw error
      await this.copy([path], api.isRefused(error, 409) ? 'No file manager answers. ' : '')
    }
  }

  /** The selected takes that can be seen, in order. */
  get #comparable(): Take[] {
    return this.selected.filter((take) => take.mediaUrl).sort((a, b) => a.number - b.number)
  }

  get canCompare(): boolean {
    const { length } = this.#comparable
    return length >= 2 && length <= MOST_COMPARED
  }

  compare(): void {
    if (this.canCompare) this.page.overlay = { kind: 'compare', takes: this.#comparable.map(keyOf) }
    else if (this.#comparable.length > MOST_COMPARED) toasts.show(`At most ${MOST_COMPARED} takes are compared at once.`)
    else if (this.selected.length >= 2) toasts.show('Only takes that can be played can be compared.')
    else toasts.show('Select two takes to compare them, or more: Ctrl or Shift and click.')
  }

  async activate(take: Take): Promise<void> {
    if (take.active) return
    if (take.status !== 'complete' || take.deleted) {
      const state = take.purged ? 'purged' : 'not complete'
      return void toasts.show(`${takeName(take)} is ${state}, so it cannot be the active take.`)
    }
    const done = await this.#ask([take], (project) => api.activate(project, take.shotId, take.id))
    if (done) this.page.announcer.say(`${takeName(take)} is the active take.`)
  }

  /** Delete them; the bytes stay. What is still being made is cancelled by that. */
  async delete(takes: readonly Take[]): Promise<void> {
    const wanted = takes.filter((take) => !take.deleted)
    if (await this.judge(wanted, { deleted: true })) this.#offerUndo(wanted)
  }

  async restore(takes: readonly Take[]): Promise<void> {
    const wanted = takes.filter((take) => !take.purged)
    const isDone = await this.judge(wanted, { deleted: false })
    if (isDone) this.page.announcer.say(`${phrase(wanted)} restored.`)
  }

  /** Have a failed take complete, with its file as it is. */
  async accept(take: Take): Promise<void> {
    const isDone = await this.#ask([take], (project) => api.acceptTake(project, take.shotId, take.id))
    if (isDone) this.page.announcer.say(`${takeName(take)} is complete, with its file as it is.`)
  }

  /** Have that be so of all those takes, or of none; whether the daemon has agreed. */
  async judge(takes: readonly Take[], wanted: api.Judgement): Promise<boolean> {
    if (takes.length === 0) return false
    const shots = new Map<string, string[]>()
    for (const { shotId, id } of takes) shots.set(shotId, [...(shots.get(shotId) ?? []), id])
    const [[shot, ids] = ['', []], ...others] = shots
    return this.#ask(takes, (project) =>
      others.length ? api.judgeFilm(project, shots, wanted) : api.judgeTakes(project, shot, ids, wanted),
    )
  }

  /** Have a note of a take stand otherwise. */
  async setNote(take: Take, note: Note, state: NoteState): Promise<void> {
    await this.#ask([take], (project) => api.markNote(project, take.shotId, take.id, note.note, state))
  }

  /** Say how far the work on the shot that is shown is, empty for nothing; or write a note on it. */
  judgeShot(wanted: JudgeShotBody): Promise<boolean> {
    return this.#askShot((project, shot) => api.judgeShot(project, shot, wanted))
  }

  /** Have a note of the shot that is shown stand otherwise. */
  async setShotNote(note: Note, state: NoteState): Promise<void> {
    await this.#askShot((project, shot) => api.markShotNote(project, shot, note.note, state))
  }

  /** Take back what this person chose last, wherever that was; or choose it again. */
  async takeBack(how: 'undo' | 'redo'): Promise<void> {
    if (this.#offered !== null) toasts.hide(this.#offered)
    await this.#ask([], async (project) => {
      const { events } = await api.takeBack(project, how)
      this.#offered = toasts.show(saidOf(events, this.page.live?.shown?.shotId ?? null))
    })
  }

  /** Have its recipe made again, with another seed or its own. */
  async again(take: Take, seed: number | null = null): Promise<void> {
    const isAsked = await this.#ask([take], (project) => api.makeAgain(project, take.shotId, take.id, seed))
    if (isAsked) toasts.show(`${takeName(take)} is asked for again${seed === null ? '' : ', with another seed'}.`)
  }

  /** Keep what is looked for under that name. */
  saveSearch(name: string): Promise<boolean> {
    const query = this.found?.query ?? ''
    return this.#ask([], (project) => api.saveSearch(project, name, query))
  }

  removeSearch(name: string): Promise<boolean> {
    return this.#ask([], (project) => api.removeSearch(project, name))
  }

  async generate(params: Params, quality: Quality, workflow: string | null): Promise<void> {
    const { live } = this.page
    const shot = live?.shown?.shotId
    if (!live || !shot || this.#isPast()) return
    const { takeId, waits } = await api.newTake(live.project, shot, params, quality, workflow)
    await live.shown?.refresh()
    const key = keyOf({ shotId: shot, id: takeId })
    if (this.byKey.has(key)) this.select(key)
    if (waits) toasts.show(`A new take is queued. ${waits}`)
    else this.page.announcer.say('A new take is queued.')
  }

  #offerUndo(deleted: readonly Take[]): void {
    const isCancelled = deleted.every(isAwaited)
    const message = `${phrase(deleted)} ${isCancelled ? 'cancelled' : 'deleted'}.`
    const undo = (): void => void this.restore(deleted)
    const action = isCancelled ? null : { label: 'Undo', run: undo }
    this.#offered = toasts.show(message, { action, lasts: UNDO_LASTS })
  }

  /** Whether what is shown is past, where nothing can be chosen any more; then that is said. */
  #isPast(): boolean {
    const isPast = this.page.live !== null && this.page.live.asOf !== null
    if (isPast) toasts.show('This is the film as it was: nothing can be changed in it.')
    return isPast
  }

  async #askShot(ask: (project: string, shot: string) => Promise<unknown>): Promise<boolean> {
    const { live } = this.page
    const shot = live?.shown?.shotId
    if (!live || !shot || this.#isPast()) return false
    const isDone = await this.#ask([], (project) => ask(project, shot))
    await live.shots.touch(shot)
    return isDone
  }

  /** Ask about these takes; whether the daemon has agreed. What it refuses is shown. */
  async #ask(takes: readonly Take[], ask: (project: string) => Promise<unknown>): Promise<boolean> {
    const { live } = this.page
    if (!live || this.#isPast()) return false
    const keys = takes.map(keyOf)
    for (const key of keys) this.pending.add(key)
    try {
      await ask(live.project)
      await Promise.all([live.shown?.refresh(), live.found?.refresh()])
      return true
    } catch (error) {
      if (!(error instanceof Error)) throw error
      toasts.show(api.errorText(error), { kind: 'bad', lasts: UNDO_LASTS })
      return false
    } finally {
      for (const key of keys) this.pending.delete(key)
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
