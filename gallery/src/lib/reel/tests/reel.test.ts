import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { load } from '../../../tests/media.ts'
import { PROJECT, sequenceTake, shot, take } from '../../../tests/takes.ts'
import type { ReelItem } from '../items.ts'
import { Playlist } from '../playlist.svelte.ts'
import Reel from '../Reel.svelte'

const ITEMS: ReelItem[] = [
  { shot: shot('001_Gulls'), take: take(1, { duration: 3 }) },
  { shot: shot('002_Mara'), take: take(2, { duration: null }, { kind: 'image', codec: 'png' }) },
  { shot: shot('003_Swell'), take: take(3, { duration: 5 }) },
]

function open(items: ReelItem[] = ITEMS) {
  const onclose = vi.fn()
  const { container } = render(Reel, { project: PROJECT, items, onclose })
  const videos = (): HTMLVideoElement[] => [...container.querySelectorAll('video')]
  videos().forEach((video) => load(video, 3))
  return { onclose, container, videos, user: userEvent.setup() }
}

const entry = (name: RegExp): HTMLElement =>
  within(screen.getByRole('list', { name: 'Shots of the reel' })).getByRole('button', { name })

test('takes come in the order of their shots, and end after the last', () => {
  const playlist = new Playlist(() => ITEMS)
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
  const playlist = new Playlist(() => ITEMS.slice(0, 1))
  playlist.setLoop(true)
  const first = playlist.turns[0]?.id
  playlist.advance()
  expect([playlist.index, playlist.playing]).toEqual([0, true])
  expect(playlist.turns[0]?.id).not.toBe(first)
})

test('a still takes two seconds, and the whole is the sum', () => {
  const playlist = new Playlist(() => ITEMS)
  expect(playlist.lengths).toEqual([3, 2, 5])
  expect(playlist.total).toBe(10)
  playlist.advance()
  playlist.within = 1
  expect(playlist.time).toBe(4)
})

test('an image sequence takes as long as it is, and the next take follows it', async () => {
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockResolvedValue()
  const items = [{ shot: shot('001_Gulls'), take: sequenceTake(1) }, ITEMS[2]] as ReelItem[]
  expect(new Playlist(() => items).lengths).toEqual([4 / 24, 5])
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

test('a take that cannot be played is passed over as a still, and said to be', async () => {
  const { videos } = open()
  await fireEvent.error(videos()[0] as HTMLVideoElement)
  expect(screen.getByText('1 take cannot be played here and is shown as a still.')).toBeInTheDocument()
  expect(entry(/Gulls/)).toHaveTextContent('Not played')
  expect(screen.getByRole('img', { name: 'A still of take 1' })).toBeInTheDocument()
  expect(screen.getByText('/ 0:09')).toBeInTheDocument()
})

test('a take without a file is passed over too', () => {
  const playlist = new Playlist(() => [{ shot: shot(), take: take(1, { media: null, mediaUrl: null }) }])
  expect(playlist.skipped).toHaveLength(1)
  expect(playlist.total).toBe(2)
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

test('Space stops it', async () => {
  const { user, videos } = open()
  expect(videos()[0]?.paused).toBe(false)
  await user.keyboard(' ')
  expect(videos()[0]?.paused).toBe(true)
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
