import { screen, within } from '@testing-library/svelte'
import { beforeEach, describe, expect, test } from 'vitest'
import { isUnprotected, protectionWords } from '../lib/storage/wording.ts'
import { names, openGrid } from './page.ts'
import { aPlan, aTake, GULLS, PROTECTED, USAGE } from './samples.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
  world.status = { protection: PROTECTED }
  world.add('01_Harbour/01_Dawn/001_Gulls', [
    aTake(1, { deleted: true }),
    aTake(2, { deleted: true }),
    aTake(3, { active: true }),
  ])
})

async function openStorage() {
  const opened = await openGrid()
  const door = screen.getByRole('button', { name: 'Storage' })
  await opened.user.click(door)
  const dialog = await screen.findByRole('dialog', { name: 'Storage of MyFilm' })
  expect(dialog.querySelector('.content')).toHaveFocus()
  return { ...opened, door, dialog: within(dialog) }
}

/** The storage with what would go. */
async function openPlan(...numbers: number[]) {
  world.plan = aPlan(numbers)
  const opened = await openStorage()
  await opened.user.click(opened.dialog.getByRole('button', { name: 'Show what would go' }))
  await opened.dialog.findByText(/would go/, { selector: '[role=status]' })
  return opened
}

/** What the clean-up was asked with. */
function asked(): unknown[] {
  return world.bodies
}

function status(dialog: ReturnType<typeof within>): string | null {
  return dialog.getByRole('status').textContent
}

describe('what is there', () => {
  test('what the project takes up is told by kind, and what there is none of is not', async () => {
    world.usage = { ...USAGE, shared: 2_000_000 }
    const { dialog } = await openStorage()
    expect(await dialog.findByText('1.0 MB', { selector: 'dd' })).toBeInTheDocument()
    expect(dialog.getByText('Log')).toBeInTheDocument()
    expect(dialog.queryByText('Cache')).toBeNull()
    expect(dialog.getByText('2.0 MB more would be needed if nothing were shared.')).toBeInTheDocument()
  })

  test('Escape closes it, and the focus is back where it was', async () => {
    const { app, door, dialog, user } = await openStorage()
    await user.click(dialog.getByRole('button', { name: 'Close' }))
    expect(app.overlay).toBeNull()
    expect(door).toHaveFocus()
  })

  test('the notes about the project lead to it', async () => {
    world.status = { ...world.status, problems: [{ what: 'take_001: not purged: it changed', hint: 'It is tried again.' }] }
    const { user } = await openGrid()
    await user.click(screen.getByRole('button', { name: '1 note' }))
    const notes = within(screen.getByRole('dialog'))
    await user.click(notes.getByRole('button', { name: 'Storage' }))
    expect(await screen.findByRole('dialog', { name: 'Storage of MyFilm' })).toBeInTheDocument()
  })

  test('where nobody answers, that is told in each place', async () => {
    const { dialog, user } = await openStorage()
    world.isAway = true
    await user.click(dialog.getByRole('button', { name: 'Show what would go' }))
    expect(await dialog.findByRole('alert')).toHaveTextContent('The daemon does not answer.')
  })
})

describe('protection', () => {
  test.each([
    [{}, 'Every take is protected from being saved over, edited or removed.'],
    [
      { reflink: 0, link: 4, disk: 'link' },
      'Every take is protected from being saved over or removed; an edit in place is found, and cannot be undone.',
    ],
    [
      { reflink: 3, link: 1 },
      'Every take is protected from being saved over or removed; an edit in place is found, and cannot be undone in 1 of them.',
    ],
    [{ reflink: 3, none: 1 }, '1 of 4 takes is not protected from being saved over or removed.'],
    [{ reflink: 0, none: 4, disk: null }, 'No take is protected from being saved over or removed.'],
    [
      { takes: 0, reflink: 0, disk: 'link' },
      'There is no take yet; what comes is protected from being saved over or removed.',
    ],
    [{ takes: 0, reflink: 0, disk: null }, 'There is no take yet, and none would be protected.'],
  ] as const)('%j', (changes, words) => {
    const protection = { ...PROTECTED, ...changes }
    expect(protectionWords(protection)).toBe(words)
    expect(isUnprotected(protection)).toBe(/not protected|No take is|none would/.test(words))
  })

  test('where some takes have none, there is the command that gives it to them', async () => {
    world.status = { protection: { ...PROTECTED, reflink: 3, none: 1 } }
    const { dialog } = await openStorage()
    expect(await dialog.findByText('takes rebuild objects')).toBeInTheDocument()
  })

  test('where the disk can do nothing, there is the choice that can', async () => {
    world.status = { protection: { ...PROTECTED, reflink: 0, none: 4, disk: null } }
    const { dialog } = await openStorage()
    expect(await dialog.findByText('objects = "copy"')).toBeInTheDocument()
  })

  test('where nothing is wanted, that is told', async () => {
    world.status = { protection: { ...PROTECTED, reflink: 0, none: 4, objects: 'off' } }
    const { dialog } = await openStorage()
    expect(await dialog.findByText(/is off in the configuration/)).toBeInTheDocument()
  })
})

describe('looking', () => {
  test('what would go is listed take by take, with the sum, and nothing has gone', async () => {
    const { dialog } = await openPlan(1, 2)
    expect(status(dialog)).toBe('2 takes would go: 2.0 kB would come back.')
    const rows = within(dialog.getByRole('list', { name: 'Takes that would go' })).getAllByRole('listitem')
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringMatching(/Gulls · Take 1.*1.0 kB.*Harbour › Dawn · deleted/),
      expect.stringMatching(/Gulls · Take 2/),
    ])
    expect(asked()).toEqual([{ deletedAfterDays: 7, dryRun: true }])
  })

  test('the rules that are typed are those that are asked for; an empty one is none', async () => {
    const { dialog, user } = await openStorage()
    await user.clear(dialog.getByLabelText('Days since deleted'))
    await user.type(dialog.getByLabelText('Days since failed'), '0,5')
    await user.type(dialog.getByLabelText('Newest to keep'), '3')
    await user.click(dialog.getByRole('button', { name: 'Show what would go' }))
    await expect.poll(() => status(dialog)).toBe('No take would go.')
    expect(asked()).toEqual([{ failedAfterDays: 0.5, keepNewest: 3, dryRun: true }])
    expect(dialog.queryByRole('button', { name: /^Purge/ })).toBeNull()
  })

  test('the rules of the configuration are asked for without a number', async () => {
    world.status = { cleanup: { deletedAfterDays: 7, failedAfterDays: 0.5, keepNewest: 3, everyHours: 24 } }
    const { dialog, user } = await openStorage()
    await user.click(dialog.getByText('As configured'))
    expect(dialog.queryByLabelText('Newest to keep')).toBeNull()
    expect(dialog.getByText(/deleted 7 days ago, failed 0.5 days ago, older than the newest 3/)).toBeInTheDocument()
    await user.click(dialog.getByRole('button', { name: 'Show what would go' }))
    await expect.poll(() => status(dialog)).toBe('No take would go.')
    expect(asked()).toEqual([{ dryRun: true }])
  })

  test('where the configuration has no rules, none are offered', async () => {
    world.status = { cleanup: { deletedAfterDays: 0, failedAfterDays: 0, keepNewest: 0, everyHours: 24 } }
    const { dialog } = await openStorage()
    expect(dialog.queryByText('As configured')).toBeNull()
  })

  test('rules that make no sense are told at their fields, and nobody is asked', async () => {
    const { dialog, user } = await openStorage()
    await user.type(dialog.getByLabelText('Newest to keep'), '1.5')
    await user.click(dialog.getByRole('button', { name: 'Show what would go' }))
    expect(dialog.getByLabelText('Newest to keep')).toHaveAccessibleDescription('It must be a whole number.')
    await user.clear(dialog.getByLabelText('Newest to keep'))
    await user.clear(dialog.getByLabelText('Days since deleted'))
    await user.click(dialog.getByRole('button', { name: 'Show what would go' }))
    expect(dialog.getByRole('alert')).toHaveTextContent('Fill in at least one of the three.')
    expect(asked()).toEqual([])
  })

  test('what was shown is void once another number is typed', async () => {
    const { dialog, user } = await openPlan(1, 2)
    await user.type(dialog.getByLabelText('Days since deleted'), '0')
    expect(dialog.queryByRole('list', { name: 'Takes that would go' })).toBeNull()
    expect(dialog.queryByRole('button', { name: /^Purge/ })).toBeNull()
  })

  test('of ten thousand takes a window full is drawn', async () => {
    const { dialog } = await openPlan(...Array.from({ length: 10_000 }, (_, index) => index + 1))
    expect(status(dialog)).toBe('10,000 takes would go: 10.0 MB would come back.')
    const rows = dialog.getAllByRole('listitem')
    expect(rows.length).toBeLessThan(80)
    expect(rows[0]).toHaveAttribute('aria-setsize', '10000')
  })

  test('what stays though the rules would have it go is told with the reason', async () => {
    world.plan = { ...aPlan([1], 0), left: [{ path: 'takes/take_002/a.mp4', reason: 'it is not what the log says it is' }] }
    const { dialog, user } = await openStorage()
    await user.click(dialog.getByRole('button', { name: 'Show what would go' }))
    await user.click(await dialog.findByText('1 stays, though the rules would have it go'))
    expect(dialog.getByText(/it is not what the log says it is/)).toBeInTheDocument()
    expect(dialog.getByText('What shares its bytes with a file that stays brings nothing back.')).toBeInTheDocument()
  })
})

describe('purging', () => {
  test('where others may have the bytes it is the most that comes back, and what else to do is told', async () => {
    world.plan = { ...aPlan([1]), atMost: true, note: 'Git LFS keeps what was committed.' }
    const { dialog, user } = await openStorage()
    await user.click(dialog.getByRole('button', { name: 'Show what would go' }))
    await expect.poll(() => status(dialog)).toBe('1 take would go: up to 1.0 kB would come back.')
    await user.click(dialog.getByRole('button', { name: 'Purge this take' }))
    await user.click(dialog.getByRole('button', { name: 'Purge 1 take for good' }))
    await expect.poll(() => status(dialog)).toBe('1 take purged. Up to 1.0 kB are free again.')
    expect(dialog.getByText('Git LFS keeps what was committed.')).toBeInTheDocument()
  })

  test('it has to be meant: the nearer answer keeps them, and so does Escape', async () => {
    const { app, dialog, user } = await openPlan(1, 2)
    await user.click(dialog.getByRole('button', { name: 'Purge these 2 takes' }))
    const keep = dialog.getByRole('button', { name: 'Keep them' })
    expect(keep).toHaveFocus()
    expect(keep).toHaveAccessibleDescription(/^This cannot be undone: the files of these 2 takes/)
    await user.keyboard('{Enter}')
    await user.click(dialog.getByRole('button', { name: 'Purge these 2 takes' }))
    await user.keyboard('{Escape}')
    expect(app.overlay).toEqual({ kind: 'storage' })
    expect(dialog.getByRole('button', { name: 'Purge these 2 takes' })).toHaveFocus()
    expect(asked()).toHaveLength(1)
  })

  test('just what was shown goes, and the page sees it', async () => {
    const { dialog, user, app } = await openPlan(1, 2)
    app.live?.shown?.showDeleted(true)
    await user.click(dialog.getByRole('button', { name: 'Purge these 2 takes' }))
    await user.click(dialog.getByRole('button', { name: 'Purge 2 takes for good' }))
    await expect.poll(() => status(dialog)).toBe('2 takes purged. 2.0 kB are free again.')
    expect(asked().at(-1)).toEqual({ deletedAfterDays: 7, plan: '1 2' })
    expect(dialog.queryByRole('list', { name: 'Takes that would go' })).toBeNull()
    await expect.poll(() => names().filter((name) => name.includes('purged'))).toHaveLength(2)
    expect(world.countOf('GET /api/projects/myfilm/du')).toBe(2)
  })

  test('while they go it is told how many have gone, and nothing can be asked for twice', async () => {
    const { dialog, user } = await openPlan(1, 2)
    let go = (): void => {}
    world.purgedAfter = new Promise((done) => (go = done))
    await user.click(dialog.getByRole('button', { name: 'Purge these 2 takes' }))
    await user.click(dialog.getByRole('button', { name: 'Purge 2 takes for good' }))
    expect(dialog.getByRole('status')).toHaveFocus()
    expect(status(dialog)).toBe('Purging: 0 of 2 takes gone.')
    world.purge(GULLS, 'take_001')
    await expect.poll(() => status(dialog)).toBe('Purging: 1 of 2 takes gone.')
    expect(dialog.getByRole('button', { name: 'Show what would go' })).toBeDisabled()
    go()
    await expect.poll(() => status(dialog)).toMatch(/^2 takes purged/)
  })

  test('where other takes would go by now, nothing goes, and these are shown', async () => {
    const { dialog, user } = await openPlan(1, 2)
    await user.click(dialog.getByRole('button', { name: 'Purge these 2 takes' }))
    world.plan = aPlan([2])
    await user.click(dialog.getByRole('button', { name: 'Purge 2 takes for good' }))
    expect(await dialog.findByRole('alert')).toHaveTextContent(/^Nothing was purged: other takes would go by now/)
    expect(dialog.getAllByRole('listitem')).toHaveLength(1)
    await user.click(dialog.getByRole('button', { name: 'Purge this take' }))
    await user.click(dialog.getByRole('button', { name: 'Purge 1 take for good' }))
    await expect.poll(() => status(dialog)).toBe('1 take purged. 1.0 kB are free again.')
    expect(dialog.queryByRole('alert')).toBeNull()
  })

  test('a daemon that goes meanwhile leaves it open whether they went', async () => {
    const { dialog, user } = await openPlan(1)
    await user.click(dialog.getByRole('button', { name: 'Purge this take' }))
    world.isAway = true
    await user.click(dialog.getByRole('button', { name: 'Purge 1 take for good' }))
    expect(await dialog.findByRole('alert')).toHaveTextContent('Whether they were purged is not known')
    expect(dialog.queryByRole('button', { name: /^Purge/ })).toBeNull()
  })

  test('what becomes of it is told all the same where nobody waits for it', async () => {
    const { app, dialog, user } = await openPlan(1, 2)
    let go = (): void => {}
    world.purgedAfter = new Promise((done) => (go = done))
    await user.click(dialog.getByRole('button', { name: 'Purge these 2 takes' }))
    await user.click(dialog.getByRole('button', { name: 'Purge 2 takes for good' }))
    app.overlay = null
    go()
    const messages = within(screen.getByRole('region', { name: 'Messages' }))
    expect(await messages.findByText('2 takes purged. 2.0 kB are free again.')).toBeInTheDocument()
  })
})
