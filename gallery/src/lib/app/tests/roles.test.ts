import { render, screen } from '@testing-library/svelte'
import { beforeEach, expect, test } from 'vitest'
import type { Project } from '../../types.ts'
import { App } from '../app.svelte.ts'
import Page from '../../../Page.svelte'
import { openGrid, toolbar } from '../../../tests/page.ts'
import { aTake, PROJECT } from '../../../tests/samples.ts'
import { World } from '../../../tests/world.ts'

let world: World

beforeEach(() => {
  world = new World()
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { active: true }), aTake(2)])
})

function be(role: Project['role']): void {
  world.asker = { name: 'anna@studio', owner: false }
  world.projects = [{ ...PROJECT, role }]
}

const seen = (name: string): boolean => toolbar().queryByRole('button', { name: new RegExp(`^${name}`) }) !== null

test.each([
  ['reader', [], ['Make active', 'Delete', 'Pick']],
  ['artist', ['Make active', 'Pick'], ['Delete']],
  ['supervisor', ['Make active', 'Pick', 'Delete'], []],
] as const)('a %s is offered what a person of that role may do, and sees who they are', async (role, shown, hidden) => {
  be(role)
  const { app, user } = await openGrid('take_002')
  expect(screen.getByTitle(`You are anna@studio, ${role} of this film`).textContent).toContain('anna@studio')
  for (const name of ['Play', ...shown]) expect(seen(name)).toBe(true)
  for (const name of hidden) expect(seen(name)).toBe(false)
  expect(screen.queryByRole('button', { name: 'New take' }) !== null).toBe(role !== 'reader')
  expect(screen.queryByRole('button', { name: 'Storage' }) !== null).toBe(role === 'supervisor')
  await user.keyboard('n')
  expect(app.overlay?.kind === 'generate').toBe(role !== 'reader')
})

test('what the menus offer goes by the role', async () => {
  be('reader')
  const { app } = await openGrid('take_002')
  const { entriesOfTakes } = await import('../../menu/entries.ts')
  expect(entriesOfTakes(app).map(({ label }) => label)).toEqual(['Play', 'Compare', 'Copy the path'])
})

test('a reader watches, compares and sees the reel, and is offered nothing that would be refused', async () => {
  be('reader')
  const { app, user } = await openGrid('take_002')
  app.overlay = { kind: 'player', take: '01_Harbour:01_Dawn:001_Gulls/take_002' }
  await screen.findByRole('dialog', { name: 'Take 2, player' })
  await user.keyboard('m')
  expect(screen.queryByRole('button', { name: 'Make active' })).toBeNull()
  expect(screen.queryByLabelText(/^A note on take/)).toBeNull()
  app.overlay = { kind: 'compare', takes: app.desk.keys }
  await screen.findByRole('dialog', { name: /compared$/ })
  expect(screen.queryByRole('button', { name: /active/ })).toBeNull()
})

test('who runs the daemon is offered all, and no name', async () => {
  await openGrid('take_002')
  expect(seen('Delete')).toBe(true)
  expect(screen.queryByTitle(/^You are/)).toBeNull()
})

test('whoever may see no film is told by which name to ask for it', async () => {
  world.asker = { name: 'eve@studio', owner: false }
  world.projects = []
  history.replaceState(null, '', '#')
  render(Page, { app: new App() })
  expect(await screen.findByText('No film is yours to see')).toBeTruthy()
  expect(screen.getAllByText('eve@studio').length).toBeGreaterThan(0)
  expect(screen.queryByText('takes init PATH')).toBeNull()
})

test('a role that changes while the page is open changes what it offers', async () => {
  be('reader')
  const { app } = await openGrid('take_002')
  be('artist')
  await app.begin()
  await expect.poll(() => seen('Make active')).toBe(true)
})
