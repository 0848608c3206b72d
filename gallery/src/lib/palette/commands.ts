/** What can be done by its name: commands of the page, with the keys that do the same, and places to go to. */

import type { App } from '../app/app.svelte.ts'
import { canNotify, wantNotices } from '../app/notices.ts'
import { prefs } from '../app/prefs.svelte.ts'
import { sendings } from '../drop/sendings.svelte.ts'
import { takeName } from '../film/names.ts'
import { likeThis } from '../film/query.ts'
import { roll } from '../film/roll.ts'
import { crumbs, shotsNamed } from '../film/tree.ts'
import { capsOf, KEYS } from '../keys/table.ts'
import type { Take } from '../types.ts'
import { toasts } from '../ui/toasts/toasts.svelte.ts'

export interface Command {
  label: string
  /** What kind of thing it is, or the keys that do the same. */
  hint: string
  run: () => unknown
}

/** Shots, and takes of the shot that is shown, that are listed at most. */
const MOST = 12

const caps = (keys: string): string => capsOf(keys)[0] ?? ''

async function setNotices(isWanted: boolean): Promise<void> {
  if (!(await wantNotices(isWanted))) toasts.show('The browser does not let the page notify you. Allow it in its settings for this site.', { kind: 'bad' })
  else toasts.show(isWanted ? 'The desktop tells when takes are ready, while this page is not in front.' : 'The desktop tells nothing any more.')
}

/** What can be done now. */
function commandsOf(app: App): Command[] {
  const { desk } = app
  const { page, takes } = KEYS
  const [mayChoose, isShot] = [app.may('artist'), app.shot !== null]
  const all: (Command | false)[] = [
    mayChoose && isShot && { label: 'New take', hint: caps(page.rows.generate[0]), run: () => (app.overlay = { kind: 'generate' }) },
    mayChoose && isShot && { label: 'Add files', hint: '', run: () => app.shot && sendings.choose(app, app.shot.id) },
    mayChoose && desk.current !== null && { label: 'Make active', hint: caps(takes.rows.activate[0]), run: () => desk.current && desk.activate(desk.current) },
    mayChoose && desk.selected.length > 0 && { label: 'Write a note', hint: caps(takes.rows.note[0]), run: () => desk.open('note') },
    mayChoose && desk.selected.length > 0 && { label: 'Tag', hint: caps(takes.rows.tag[0]), run: () => desk.open('tags') },
    desk.selected.length > 0 && { label: 'Copy the paths', hint: caps(takes.rows.copy[0]), run: () => desk.copyPaths() },
    app.may('owner') && desk.current !== null && { label: 'Show in the file manager', hint: '', run: () => desk.current && desk.reveal(desk.current) },
    desk.canCompare && { label: 'Compare the selected takes', hint: caps(page.rows.compare[0]), run: () => desk.compare() },
    mayChoose && desk.takes.length > 0 && { label: 'Cull', hint: caps(takes.rows.cull[0]), run: () => desk.open('cull') },
    ...againOf(app),
    mayChoose && desk.found !== null && { label: 'Save this search', hint: '', run: () => (app.overlay = { kind: 'searches' }) },
    { label: 'Saved searches', hint: '', run: () => (app.overlay = { kind: 'searches' }) },
    ...(app.live?.searches ?? []).map(({ name, query }) => ({ label: name, hint: 'Search', run: () => app.find(query) })),
    { label: 'New since you looked', hint: 'Takes', run: () => app.find('is:new') },
    app.shot !== null && { label: 'History of the shot', hint: '', run: () => (app.overlay = { kind: 'history', shot: app.shot?.id ?? null }) },
    { label: 'History of the film', hint: '', run: () => (app.overlay = { kind: 'history', shot: null }) },
    app.live?.asOf != null && { label: 'Back to now', hint: '', run: () => app.route.go({ ...app.route.place, asOf: null }) },
    app.shot !== null && { label: 'Notes on the shot', hint: '', run: () => (app.overlay = { kind: 'shotNotes' }) },
    mayChoose && app.live !== null && { label: 'New shot', hint: '', run: () => (app.overlay = { kind: 'newShot' }) },
    { label: 'Play the reel', hint: '', run: () => (app.overlay = { kind: 'reel' }) },
    { label: 'The whole film', hint: '', run: () => app.route.go({}) },
    mayChoose && { label: 'Undo', hint: caps(page.rows.undo[0]), run: () => desk.takeBack('undo') },
    mayChoose && { label: 'Redo', hint: caps(page.rows.redo[0]), run: () => desk.takeBack('redo') },
    app.may('supervisor') && { label: 'Storage', hint: '', run: () => (app.overlay = { kind: 'storage' }) },
    { label: 'Keys', hint: caps(page.rows.help[0]), run: () => (app.overlay = { kind: 'help' }) },
    { label: prefs.isDark ? 'Light' : 'Dark', hint: '', run: () => (prefs.theme = prefs.isDark ? 'light' : 'dark') },
    canNotify() && {
      label: prefs.notices ? 'No notices on the desktop' : 'Notices on the desktop when takes are ready',
      hint: '',
      run: () => setNotices(!prefs.notices),
    },
    { label: prefs.film ? 'Fold the film away' : 'Keep the film open', hint: caps(page.rows.film[0]), run: () => (prefs.film = !prefs.film) },
  ]
  return all.filter((one) => one !== false)
}

/** What the current take is a pattern for. */
function againOf(app: App): Command[] {
  const { desk } = app
  const take = desk.current
  if (!take?.generationParams) return []
  const like = likeThis(take).map(({ label, query }) => ({ label, hint: 'More like this', run: () => app.find(query) }))
  if (!app.may('artist')) return like
  return [
    { label: 'Make it again', hint: '', run: () => desk.again(take) },
    { label: 'Make it again with another seed', hint: '', run: () => desk.again(take, roll()) },
    ...like,
  ]
}

/** What the words are a part of the name of: commands, shots, takes of the shot; and a search for them. */
export function matching(app: App, typed: string): Command[] {
  const words = typed.trim().toLowerCase()
  const wanted = words.split(/\s+/).filter(Boolean)
  const commands = commandsOf(app).filter(({ label }) => wanted.every((word) => label.toLowerCase().includes(word)))
  if (!words) return commands
  const shots = shotsNamed(app.order, words).slice(0, MOST).map((shot) => ({
    label: crumbs(shot.path).map(({ number, words }) => [number, words].filter(Boolean).join(' ')).join(' › '),
    hint: 'Shot',
    run: () => app.route.go({ shot: shot.id }),
  }))
  const number = /^(?:take\s*)?(\d+)$/.exec(words)?.[1]
  const takes = numbered(app, number).map((take) => ({ label: takeName(take), hint: 'Take', run: () => app.desk.goTo(take) }))
  return [...takes, ...commands, ...shots, { label: `Find “${typed.trim()}”`, hint: 'Takes', run: () => app.find(typed) }]
}

/** The takes that are shown whose number begins so. */
function numbered(app: App, number: string | undefined): Take[] {
  if (!number) return []
  const shown = app.desk.takes.filter((take) => take !== undefined)
  return shown.filter((take) => String(take.number).startsWith(number)).slice(0, MOST)
}
