import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { load } from '../../../tests/media.ts'
import { PROJECT, sequenceTake, shot, take } from '../../../tests/takes.ts'
import type { Take } from '../../types.ts'
import type { ReelItem } from '../items.ts'
import { Playlist } from '../playlist.svelte.ts'
import Reel from '../Reel.svelte'

const ITEMS: ReelItem[] = [
  { shot: shot('001_Gulls'), take: take(1, { duration: 3 }) },
  { shot: shot('002_Mara'), take: take(2, { duration: null }, { kind: 'image', codec: 'png' }) },
  { shot: shot('003_Swell'), take: take(3, { duration: 5 }) },
]

afterEach(() => vi.unstubAllGlobals())

function open(items: ReelItem[] = ITEMS) {
  const [onclose, onactivate] = [vi.fn(), vi.fn()]
  const { container, rerender } = render(Reel, { project: PROJECT, items, onclose, onactivate })
  const videos = (): HTMLVideoElement[] => [...container.querySelectorAll('video')]
  videos().forEach((video) => load(video, 3))
  return { onclose, onactivate, rerender, container, videos, user: userEvent.setup() }
}

const entry = (name: RegExp): HTMLElement =>
  within(screen.getByRole('list', { name: 'Shots of the reel' })).getByRole('button', { name })

test('takes come in the order of their shots, and end after the last', () => {
  const playlist = new Playlist(() => ITEMS, () => 24)
  const indices = [playlist.index]
  for (let turn = 0; turn < 2; turn += 1) {
    playlist.advance()
    indices.push(playlist.index)
  }
  expect(indices).toEqual([0, 1, 2])
  expect(playlist.playing).toBe(true)
  playlist.advance()
  expect([playlist.index, playlist.playing]).toEqual([2, false])
  playlist.toggle()
  expect([playlist.index, playlist.playing]).toEqual([0, true])
})

test('a loop begins again after the last, also where there is only one', () => {
  const playlist = new Playlist(() => ITEMS.slice(0, 1), () => 24)
  playlist.setLoop(true)
  const first = playlist.turns[0]?.id
  playlist.advance()
  expect([playlist.index, playlist.playing]).toEqual([0, true])
  expect(playlist.turns[0]?.id).not.toBe(first)
})

test('a still takes two seconds, and the whole is the sum', () => {
  const playlist = new Playlist(() => ITEMS, () => 24)
  expect(playlist.lengths).toEqual([3, 2, 5])
  expect(playlist.duration).toBe(10)
  playlist.advance()
  playlist.within = 1
  expect(playlist.time).toBe(4)
})

test('an image sequence takes as long as it is, and the next take follows it', async () => {
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockResolvedValue()
  const items = [{ shot: shot('001_Gulls'), take: sequenceTake(1) }, ITEMS[2]] as ReelItem[]
  expect(new Playlist(() => items, () => 24).lengths).toEqual([4 / 24, 5])
  open(items)
  await waitFor(() => expect(entry(/Swell/)).toHaveAttribute('aria-current', 'true'), { timeout: 10_000 })
})

test('the next take is there before its turn, and stays the same element', async () => {
  const { videos } = open([ITEMS[0], ITEMS[2]] as ReelItem[])
  const [first, next] = videos()
  expect(next).toHaveAttribute('src', '/api/take_003/media')
  await fireEvent.ended(first as HTMLVideoElement)
  expect(videos()[0]).toBe(next)
  expect(next?.paused).toBe(false)
})

/** What the daemon says when it is asked for a proxy. */
function proxies(answer: () => Promise<Response>): void {
  vi.stubGlobal('fetch', vi.fn(answer))
}

const said = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })

test('of a take that no browser plays the proxy is asked for before its turn, and played for as long as it is', async () => {
  let ready: (answer: Response) => void = () => undefined
  proxies(() => new Promise((resolve) => (ready = resolve)))
  const [first, , last] = ITEMS as [ReelItem, ReelItem, ReelItem]
  const { container } = open([first, { shot: shot('004_Boat'), take: take(31, { duration: 4 }, { codec: 'prores' }) }, last])
  expect(screen.getByText('1 take is being made playable, a still until then.')).toBeInTheDocument()
  expect(screen.getByText('/ 00:00:10:00')).toBeInTheDocument()
  ready(said(200, { ready: true, progress: 1 }))
  await waitFor(() => expect(container.querySelector('video[src="/api/take_031/proxy"]')).toBeInTheDocument())
  expect(screen.getByText('/ 00:00:12:00')).toBeInTheDocument()
  expect(entry(/Boat/)).not.toHaveTextContent('Not played')
})

test('a take that cannot be played is passed over as a still, and said to be', async () => {
  proxies(() => Promise.resolve(said(404, { status: 404, title: 'No', detail: 'it has no proxy', hint: '' })))
  const { videos } = open()
  await fireEvent.error(videos()[0] as HTMLVideoElement)
  expect(await screen.findByText('1 take cannot be played here and is shown as a still.')).toBeInTheDocument()
  expect(entry(/Gulls/)).toHaveTextContent('Not played')
  expect(screen.getByRole('img', { name: 'A still of take 1' })).toBeInTheDocument()
  expect(screen.getByText('/ 00:00:09:00')).toBeInTheDocument()
})

test('a take without a file is passed over too', () => {
  const playlist = new Playlist(() => [{ shot: shot(), take: take(1, { media: null, mediaUrl: null }) }], () => 24)
  expect(playlist.skipped).toHaveLength(1)
  expect(playlist.duration).toBe(2)
})

test('the current shot is marked, and another one can be gone to', async () => {
  const { user } = open()
  expect(entry(/Gulls/)).toHaveAttribute('aria-current', 'true')
  await user.click(entry(/Swell/))
  expect(entry(/Swell/)).toHaveAttribute('aria-current', 'true')
  expect(screen.getByText('003 Swell, take 3')).toBeInTheDocument()
  await user.keyboard('{ArrowLeft}')
  expect(entry(/Mara/)).toHaveAttribute('aria-current', 'true')
})

/** The takes of each shot, as the daemon lists them. */
function listing(takes: readonly Take[]) {
  const answer = (): Response => new Response(JSON.stringify({ takes, activeTakeId: 'take_001' }), { headers: { 'Content-Type': 'application/json' } })
  vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(answer())))
}

const GULLS_TAKES = [take(3), take(1, { duration: 3 }), take(2, { media: null, mediaUrl: null }), take(4, { deleted: true })]

test('down and up try other takes in the place of the active one, and Enter makes one active', async () => {
  listing(GULLS_TAKES)
  const { user, container, onactivate, rerender } = open()
  await user.keyboard('{ArrowDown}')
  expect(await screen.findByText(/Take 3 is tried here/)).toBeInTheDocument()
  expect(container.querySelector('.current video')).toHaveAttribute('src', '/api/take_003/media')
  expect(entry(/tried.*Gulls/)).toHaveAttribute('aria-current', 'true')
  await user.keyboard('{Enter}')
  expect(onactivate.mock.calls.map(([one]) => (one as Take).id)).toEqual(['take_003'])
  await rerender({ items: [{ shot: shot('001_Gulls'), take: take(3) }, ...ITEMS.slice(1)] })
  expect(screen.queryByText(/is tried here/)).toBeNull()
})

test('what is tried goes on where the other one was, and Escape leaves all as they were', async () => {
  listing(GULLS_TAKES)
  const { user, container, onclose, onactivate, videos } = open()
  const playing = videos()[0] as HTMLVideoElement
  playing.currentTime = 1.5
  await waitFor(() => expect(screen.getByText('01:00:01:12')).toBeInTheDocument())
  await user.keyboard('{ArrowDown}')
  await screen.findByText(/Take 3 is tried here/)
  const tried = container.querySelector('.current video') as HTMLVideoElement
  load(tried, 3)
  expect(tried.currentTime).toBeCloseTo(1.5, 1)
  await user.keyboard('{Escape}')
  expect(container.querySelector('.current video')).toHaveAttribute('src', '/api/take_001/media')
  expect([onclose.mock.calls.length, onactivate.mock.calls.length]).toEqual([0, 0])
  await user.keyboard('{Escape}')
  expect(onclose).toHaveBeenCalledTimes(1)
})

test('a shot without an active take is a slate, and has a take tried in it too', async () => {
  listing([take(7)])
  const { user } = open([{ shot: { ...shot('004_Light'), activeTakeId: null }, take: null }, ...ITEMS])
  expect(screen.getByText('None of its takes is active')).toBeInTheDocument()
  expect(entry(/Light/)).toHaveTextContent('No take')
  await user.keyboard('{ArrowDown}')
  expect(await screen.findByText(/Take 7 is tried here/)).toBeInTheDocument()
})

test('a scene is played for itself, with its own length', async () => {
  const at = (path: string, number: number): ReelItem => ({ shot: { ...shot(path.split('/').at(-1)), id: path, path }, take: take(number) })
  const { user } = open([at('01_Sea/01_Dawn/001_Gulls', 1), at('01_Sea/02_Noon/002_Mara', 2), at('01_Sea/02_Noon/003_Swell', 3)])
  await user.selectOptions(screen.getByRole('combobox', { name: 'Part of the film' }), '01_Sea/02_Noon')
  expect(screen.getByText('1 of 2 shots')).toBeInTheDocument()
  expect(screen.getByText('/ 00:00:06:00')).toBeInTheDocument()
})

test('Space stops it', async () => {
  const { user, videos } = open()
  expect(videos()[0]?.paused).toBe(false)
  await user.keyboard(' ')
  expect(videos()[0]?.paused).toBe(true)
})

test('J, K and L go back, stop and go on, and L again is twice as fast', async () => {
  const { user, videos } = open()
  const [video] = videos() as [HTMLVideoElement]
  await user.keyboard('l')
  expect([video.playbackRate, video.paused, screen.getByText('2×').textContent]).toEqual([2, false, '2×'])
  expect(screen.getByRole('button', { name: 'Loop' })).toHaveAttribute('aria-pressed', 'false')
  await user.keyboard('k')
  expect([video.playbackRate, video.paused]).toEqual([1, true])
  video.currentTime = 2
  await user.keyboard('l')
  await waitFor(() => expect(screen.getByText('01:00:02:00')).toBeInTheDocument())
  await user.keyboard('jj')
  expect([video.paused, screen.getByText('-2×')]).toEqual([true, screen.getByText('-2×')])
  await waitFor(() => expect(video.currentTime).toBeLessThan(2))
})

test('backwards it comes from one shot into the end of the one before, and stops at the first', async () => {
  const { user } = open()
  await user.click(entry(/Mara/))
  await user.keyboard('jjjj')
  await waitFor(() => expect(entry(/Gulls/)).toHaveAttribute('aria-current', 'true'))
  const playlist = new Playlist(() => ITEMS, () => 24)
  playlist.jump(1)
  playlist.push(-1)
  playlist.retreat()
  expect([playlist.index, playlist.frame, playlist.playing]).toEqual([0, 71, true])
  playlist.retreat()
  expect([playlist.index, playlist.playing, playlist.shuttle]).toEqual([0, false, 1])
})

test('I and O have a part of the film played round and round, over its cuts', () => {
  const playlist = new Playlist(() => ITEMS, () => 24)
  playlist.seek(2)
  playlist.markFrom()
  playlist.seek(4)
  playlist.markTo()
  expect([playlist.marks.from, playlist.marks.to, playlist.index, playlist.within]).toEqual([48, 96, 1, 1])
  playlist.reach(1 + 0.9 / 24)
  expect(playlist.index).toBe(1)
  playlist.reach(1 + 1.1 / 24)
  expect([playlist.index, playlist.frame]).toEqual([0, 48])
  playlist.push(-1)
  playlist.reach(1.9)
  expect([playlist.index, playlist.frame]).toEqual([1, 96])
})

test('a frame on, and it stands still there, across a cut too', async () => {
  const { user, videos } = open()
  await user.keyboard('..')
  expect([videos()[0]?.paused, videos()[0]?.currentTime]).toEqual([true, 2.5 / 24])
  const playlist = new Playlist(() => ITEMS, () => 24)
  playlist.seek(3 - 0.5 / 24)
  playlist.step(1)
  expect([playlist.index, playlist.frame, playlist.playing]).toEqual([1, 72, false])
})

test('a film without active takes says what to do', async () => {
  const { user, onclose } = open([])
  expect(screen.getByText(/No shot has an active take yet/)).toBeInTheDocument()
  await user.keyboard('{Escape}')
  expect(onclose).toHaveBeenCalledTimes(1)
})

test('the film is exported in the format that is chosen', async () => {
  const { user } = open()
  const link = screen.getByRole('link', { name: 'Export' })
  expect(link).toHaveAttribute('href', `/api/projects/${PROJECT.id}/export?format=otio`)
  await user.selectOptions(screen.getByRole('combobox', { name: 'Format' }), 'EDL')
  expect(link).toHaveAttribute('href', `/api/projects/${PROJECT.id}/export?format=edl`)
  expect(link).toHaveAttribute('download', `${PROJECT.id}.edl`)
  await user.selectOptions(screen.getByRole('combobox', { name: 'Format' }), 'Contact sheet')
  expect(link).toHaveAttribute('href', `/api/projects/${PROJECT.id}/sheet?format=pdf`)
})
