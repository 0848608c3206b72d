/** What the menus list: of the selected takes, and of a shot. */

import { dropPath } from '../api.ts'
import type { App } from '../app/app.svelte.ts'
import { sendings } from '../drop/sendings.svelte.ts'
import { isAwaited } from '../film/names.ts'
import { capsOf, KEYS } from '../keys/table.ts'
import type { Shot } from '../types.ts'
import type { Entry } from './menu.svelte.ts'

const caps = (keys: string): string => capsOf(keys)[0] ?? ''

/** Of the selected takes. */
export function entriesOfTakes(app: App): Entry[] {
  const { desk, live } = app
  const { selected } = desk
  const [mayChoose, mayDelete] = [app.may('artist'), app.may('supervisor')]
  const [first] = selected
  const one = selected.length === 1 ? first : undefined
  const rows = KEYS.takes.rows
  const isDeleted = selected.every((take) => take.deleted)
  const hasFile = selected.some((take) => take.media && !take.purged)
  const entries: (Entry | false)[] = [
    { label: 'Play', hint: caps(rows.play[0]), run: () => desk.play(), isDisabled: !one?.mediaUrl },
    mayChoose && { label: 'Make active', hint: caps(rows.activate[0]), run: () => one && desk.activate(one), isDisabled: one?.status !== 'complete' || one.active || one.deleted },
    { label: 'Compare', hint: caps(KEYS.page.rows.compare[0]), run: () => desk.compare(), isDisabled: !desk.canCompare },
    mayChoose && { label: 'Pick', hint: caps(rows.choose[0]), run: () => desk.judge(selected, { mark: 'pick' }), isFirst: true },
    mayChoose && { label: 'Reject', hint: caps(rows.reject[0]), run: () => desk.judge(selected, { mark: 'reject' }) },
    mayChoose && { label: 'Tag', hint: caps(rows.tag[0]), run: () => desk.open('tags') },
    mayChoose && { label: 'Write a note', hint: caps(rows.note[0]), run: () => desk.open('note') },
    { label: selected.length > 1 ? 'Copy the paths' : 'Copy the path', hint: caps(rows.copy[0]), run: () => desk.copyPaths(), isDisabled: !hasFile, isFirst: true },
    app.may('owner') && { label: 'Show in the file manager', run: () => one && desk.reveal(one), isDisabled: !one || one.purged },
    desk.found !== null && { label: 'Show in its shot', run: () => one && desk.goTo(one), isDisabled: !one },
    mayDelete && (isDeleted
      ? { label: 'Restore', run: () => desk.restore(selected), isDisabled: selected.every((take) => take.purged), isFirst: true }
      : { label: selected.every(isAwaited) ? 'Cancel' : 'Delete', hint: caps(rows.delete[0]), run: () => desk.delete(selected), isFirst: true }),
  ]
  return live ? entries.filter((entry) => entry !== false) : []
}

/** Of a shot. */
export function entriesOfShot(app: App, shot: Shot): Entry[] {
  const path = app.project ? dropPath(app.project.path, shot.path) : ''
  const entries: (Entry | false)[] = [
    { label: 'Open', run: () => app.route.go({ shot: shot.id }) },
    app.may('artist') && { label: 'Add files', run: () => sendings.choose(app, shot.id) },
    { label: 'Copy the path', run: () => app.desk.copy([path]), isFirst: true },
    app.may('owner') && { label: 'Show in the file manager', run: () => app.desk.revealShot(shot) },
  ]
  return entries.filter((entry) => entry !== false)
}
