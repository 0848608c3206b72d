import { readFile } from 'node:fs/promises'
import { render, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { App } from '../app/app.svelte.ts'
import { LiveProject } from '../data/live-project.svelte.ts'
import { earlyAnswer } from '../early.ts'
import { replaceFirst } from '../first.ts'
import { listProjects, shotUrl } from '../api.ts'
import { aRefusal, aTake, GULLS } from '../../tests/samples.ts'
import { World } from '../../tests/world.ts'
import Page from '../../Page.svelte'

let world: World

/** Do what the script in the page's head does, at that place. */
async function beEarly(hash: string): Promise<void> {
  history.replaceState(null, '', hash)
  const [, script = ''] = /<script>(.*?)<\/script>/s.exec(await readFile('index.html', 'utf-8')) ?? []
  new Function(script)()
}

beforeEach(() => {
  world = new World()
  world.add('01_Harbour/01_Dawn/001_Gulls', [aTake(1, { active: true })])
})

afterEach(() => {
  delete window.early
  vi.unstubAllGlobals()
})

test('what the page asks for first has been asked for before there is a script, and is not asked for again', async () => {
  await beEarly(`#/p/myfilm/${GULLS}?take=take_001`)
  const { projects } = await listProjects()
  const live = new LiveProject('myfilm')
  live.show(GULLS)
  await live.begin()
  expect(projects).toHaveLength(1)
  expect(live.shown?.takes).toHaveLength(1)
  expect(world.asked.toSorted()).toEqual([
    'GET /api/projects',
    'GET /api/projects/myfilm/shots',
    `GET /api/projects/myfilm/shots/${GULLS}/takes`,
    'GET /api/projects/myfilm/status',
  ])
  live.close()
})

test('what the page shows first is there before it is drawn, and is not asked for again', async () => {
  await beEarly(`#/p/myfilm/${GULLS}`)
  const app = new App()
  await app.prepare()
  render(Page, { app })
  expect(screen.getByRole('listbox', { name: 'Takes' })).toBeInTheDocument()
  expect(world.asked.filter((asked) => asked === 'GET /api/projects')).toHaveLength(1)
})

test('the lists are asked for when the status is known, so that no event between them is missed', async () => {
  let answer: (response: Response) => void = () => undefined
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    return new Promise<Response>((done) => (answer = done))
  })
  await beEarly(`#/p/myfilm/${GULLS}`)
  expect(asked).toEqual(['/api/projects', '/api/projects/myfilm/status'])
  answer(new Response('{}'))
  await expect.poll(() => asked).toContain(shotUrl('myfilm', GULLS, '/takes'))
})

test('the pictures that are seen first are asked for with their list, in the order on the page', async () => {
  const asked: string[] = []
  vi.spyOn(HTMLImageElement.prototype, 'srcset', 'set').mockImplementation((set) => {
    asked.push(/take_\d+/.exec(set)?.[0] ?? '')
  })
  world.takes.set(GULLS, Array.from({ length: 9 }, (_, index) => aTake(index + 1)))
  await beEarly(`#/p/myfilm/${GULLS}`)
  await expect.poll(() => asked).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1].map((number) => `take_00${number}`))
  asked.length = 0
  localStorage.setItem('takes.order', 'oldest')
  await beEarly(`#/p/myfilm/${GULLS}`)
  await expect.poll(() => asked[0]).toBe('take_001')
})

test.each([
  ['as many as there are', 9, GULLS, 'newest', 9],
  ['no more than are seen', 40, GULLS, 'oldest', 12],
  ['none where the takes are few, and the page shows them otherwise', 6, GULLS, 'newest', 0],
  ['none where the page begins further down', 9, `${GULLS}?take=take_001`, 'newest', 0],
  ['none where they stand in another order', 9, GULLS, 'rating', 0],
])('the pictures that are seen first are drawn before the page is: %s', async (_, count, place, order, drawn) => {
  document.body.innerHTML = '<div id="first"></div>'
  localStorage.setItem('takes.order', order)
  world.takes.set(GULLS, Array.from({ length: count }, (_, index) => aTake(index + 1)))
  await beEarly(`#/p/myfilm/${place}`)
  await window.early?.[`/api/projects/myfilm/shots/${GULLS}/takes`]
  expect(document.querySelectorAll('#first img')).toHaveLength(drawn)
})

test('what was drawn before the page is taken away once the page has a picture, and where it was is remembered', async () => {
  document.body.innerHTML = '<div id="first"><img></div><main><div id="takes"><img></div></main>'
  const page = document.querySelector('main')!
  vi.spyOn(document.getElementById('takes')!, 'getBoundingClientRect').mockReturnValue({ top: 203 } as DOMRect)
  const replaced = replaceFirst(page)
  expect(document.getElementById('first')).not.toBeNull()
  page.querySelector('img')?.dispatchEvent(new Event('load'))
  await replaced
  expect(document.getElementById('first')).toBeNull()
  expect(localStorage.getItem('takes.top')).toBe('203')
})

test('where the daemon refuses, it is asked again, and says why', async () => {
  world.refusal = aRefusal(401, 'Unauthorized', 'no token')
  await beEarly('#/')
  await expect(listProjects()).rejects.toThrow('no token')
})

test('an answer is handed out once, and none once anything else was asked for', async () => {
  await beEarly('#/p/myfilm')
  expect(earlyAnswer('/api/projects/myfilm/status')).not.toBeNull()
  expect(earlyAnswer('/api/projects/myfilm/status')).toBeNull()
  expect(earlyAnswer('/api/projects')).toBeNull()
})

test('where the address names nothing, it is the place where the page was left', async () => {
  localStorage.setItem('takes.place', '#/p/myfilm')
  await beEarly('#/')
  await expect.poll(() => world.asked).toContain('GET /api/projects/myfilm/shots')
})

test('where the address names no project, only the projects are asked for', async () => {
  await beEarly('#/')
  expect(world.asked).toEqual(['GET /api/projects'])
})
