import { render, screen, within } from '@testing-library/svelte'
import { beforeEach, expect, test } from 'vitest'
import Page from '../Page.svelte'
import { openGrid, openPage, options } from './page.ts'
import { aRefusal, aTake } from './samples.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

test('where there is no project, the page says how to make one', async () => {
  world.projects = []
  history.replaceState(null, '', '#/')
  const { app } = await openPage(null)
  app.route.go({ project: null })
  expect(await screen.findByText('takes init PATH')).toBeInTheDocument()
})

test('where there is no shot, it says what makes a folder one', async () => {
  await openPage(null)
  expect(await screen.findByRole('heading', { name: 'No shot yet' })).toBeInTheDocument()
  expect(screen.getByText('/films/MyFilm/')).toBeInTheDocument()
})

test('where there is no shot, what was meant for one is told', async () => {
  world.status = { notTaken: [{ path: '001_Gulls', reason: 'it is a link, and links are not followed' }] }
  await openPage(null)
  const note = await screen.findByRole('note')
  expect(within(note).getByText('Not taken: 001_Gulls')).toBeInTheDocument()
  expect(within(note).getByText('it is a link, and links are not followed')).toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Show all notes' })).toBeNull()
})

test('where a shot has no take, what lies beside its takes is told, and what lies elsewhere is not', async () => {
  world.add('01_Harbour/001_Gulls')
  const reason = 'it lies beside takes/'
  const paths = ['01_Harbour/002_Boat/a.mp4', '01_Harbour/001_Gulls/b.mp4', '01_Harbour/001_Gulls/takes/c.txt']
  world.status = { notTaken: paths.map((path) => ({ path, reason })) }
  const { user } = await openPage('01_Harbour:001_Gulls')
  const note = within(await screen.findByRole('note'))
  expect(note.getByText('Not taken: 01_Harbour/001_Gulls/b.mp4')).toBeInTheDocument()
  expect(note.getByText('it lies beside takes/')).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Show all notes' }))
  expect(await screen.findByText('Not taken: 01_Harbour/002_Boat/a.mp4')).toBeInTheDocument()
})

test('where the browser is not let in, it says what to run', async () => {
  world.refusal = aRefusal(401, 'Unauthorized', 'no token')
  await openPage(null)
  expect(await screen.findByText('takes open')).toBeInTheDocument()
})

test('where nobody answers, it says so, and goes on by itself', async () => {
  world.isAway = true
  world.add('01_Harbour/001_Gulls', [aTake(1)])
  const { app } = await openPage(null)
  expect(await screen.findByRole('heading', { name: 'The daemon does not answer' })).toBeInTheDocument()
  world.isAway = false
  await app.begin()
  expect(await screen.findByRole('button', { name: /^001 Gulls ?1 take/ })).toBeInTheDocument()
})

test('a suspended project tells its reason', async () => {
  world.projects = [{ ...world.projects[0]!, state: 'suspended', reason: 'the disk is not mounted' }]
  world.refusal = null
  const { app } = await openPage(null)
  world.refusal = aRefusal(503, 'Project suspended', 'the disk is not mounted', 'Mount it.')
  await app.live?.begin()
  expect(await screen.findByRole('heading', { name: 'The project is suspended' })).toBeInTheDocument()
  expect(screen.getByText('the disk is not mounted')).toBeInTheDocument()
  expect(screen.getByText('Mount it.')).toBeInTheDocument()
})

test('a page opens where it was left the last time', async () => {
  world.add('01_Harbour/001_Gulls', [aTake(1), aTake(2)])
  const { user, unmount } = await openPage('01_Harbour:001_Gulls')
  await user.click(await screen.findByRole('option', { name: /^Take 1,/ }))
  unmount()
  history.replaceState(null, '', '#/')
  render(Page)
  expect(await screen.findByRole('listbox', { name: 'Takes' })).toBeInTheDocument()
  expect(location.hash).toBe('#/p/myfilm/01_Harbour:001_Gulls?take=take_001')
})

test.each([
  ['#/p/myfilm/01_Harbour:009_Gone', '#/p/myfilm'],
  ['#/p/sold', '#/p/myfilm'],
])('where %s is gone since, the page opens at the film', async (left, opened) => {
  world.add('01_Harbour/001_Gulls', [aTake(1)])
  localStorage.setItem('takes.place', left)
  history.replaceState(null, '', '#/')
  render(Page)
  expect(await screen.findByRole('heading', { level: 1, name: 'MyFilm' })).toBeInTheDocument()
  await expect.poll(() => location.hash).toBe(opened)
})

test('an address of a shot that is not there leads back to the film', async () => {
  world.add('01_Harbour/001_Gulls', [aTake(1)])
  const { user } = await openPage('01_Harbour:009_Gone')
  await user.click(await screen.findByRole('button', { name: 'Show the whole film' }))
  expect(location.hash).toBe('#/p/myfilm')
})

test('a lost connection is told in a bar over what is still seen', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1)])
  await openGrid()
  world.leave()
  expect(await screen.findByText(/The daemon is away. What you see may be old/)).toBeInTheDocument()
  expect(options()).toHaveLength(1)
  world.isAway = false
  await expect.poll(() => screen.queryByText(/The daemon is away/)).toBeNull()
})

test('takes that arrive are told to those who hear the page, many of them in one sentence', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1)])
  const { app } = await openGrid()
  world.tell('take.completed', 2)
  world.tell('take.completed', 3)
  await expect.poll(() => app.announcer.message).toBe('2 takes complete.')
  expect(screen.getByText('2 takes complete.')).toHaveAttribute('aria-live', 'polite')
})

test('the theme is remembered', async () => {
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1)])
  const { user } = await openGrid()
  await user.click(screen.getByRole('button', { name: /^Use the (light|dark) theme$/ }))
  expect(localStorage.getItem('takes.theme')).toBe(document.documentElement.dataset['theme'])
})

test('a shot that is renamed while it is shown stays shown', async () => {
  const shot = world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1)])
  const { app } = await openGrid()
  const moved = { ...shot, id: '01_Harbour:01_Dawn:001_Terns', shotId: '001_Terns', path: '01_Harbour/01_Dawn/001_Terns' }
  world.shots = [moved]
  world.takes.set(moved.id, [aTake(1)])
  world.tell('shot.moved', undefined, moved.id)
  await expect.poll(() => app.route.place.shot).toBe(moved.id)
  expect(await screen.findByRole('heading', { level: 1 })).toHaveTextContent('Terns')
})
