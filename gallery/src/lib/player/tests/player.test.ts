import { fireEvent, render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { load } from '../../../tests/media.ts'
import { sequenceTake, take } from '../../../tests/takes.ts'
import type { Take } from '../../types.ts'
import Player from '../Player.svelte'

afterEach(() => vi.unstubAllGlobals())

function open(shown: Take = take(3)) {
  const [onclose, onstep, onactivate, onjudge] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
  const { container, rerender } = render(Player, { take: shown, onclose, onstep, onactivate, onjudge })
  const video = container.querySelector('video') as HTMLVideoElement
  if (video) load(video, 3)
  return { onclose, onstep, onactivate, onjudge, container, rerender, video, user: userEvent.setup() }
}

test('it says which take it is, how it stands, and what its file is called', () => {
  open(take(3, { active: true }))
  const dialog = screen.getByRole('dialog', { name: 'Take 3, player' })
  expect(dialog).toHaveTextContent('Take 3')
  expect(dialog).toHaveTextContent('shot_001_take_001.mp4')
  expect(screen.getByRole('button', { name: 'Active' })).toBeDisabled()
})

test('it plays at once, and Space stops it', async () => {
  const { video, user } = open()
  expect(video.paused).toBe(false)
  await user.keyboard(' ')
  expect(video.paused).toBe(true)
})

test('the arrows go to the takes beside it, and Enter makes it active', async () => {
  const { user, onstep, onactivate } = open()
  await user.keyboard('{ArrowLeft}{ArrowRight}{Enter}')
  expect(onstep.mock.calls).toEqual([[-1], [1]])
  expect(onactivate).toHaveBeenCalledTimes(1)
})

test('? lists the keys of the player, and Escape takes the list away and nothing else', async () => {
  const { user, onclose, video } = open()
  await user.keyboard('?')
  const help = screen.getByRole('dialog', { name: 'Keys' })
  expect(help).toHaveTextContent('One frame back')
  await user.keyboard(' {Escape}')
  expect([onclose.mock.calls.length, video.paused]).toEqual([0, false])
  await fireEvent(help, new Event('cancel', { cancelable: true }))
  expect(screen.queryByRole('dialog', { name: 'Keys' })).toBeNull()
  await user.keyboard('{Escape}')
  expect(onclose).toHaveBeenCalledTimes(1)
})

test('the arrows belong to the position while that has the focus', async () => {
  const { user, onstep } = open()
  screen.getByRole('slider', { name: 'Position' }).focus()
  await user.keyboard('{ArrowRight}')
  expect(onstep).not.toHaveBeenCalled()
})

test('Enter on a button presses that button and no other', async () => {
  const { user, onactivate } = open()
  screen.getByRole('button', { name: 'Mute' }).focus()
  await user.keyboard('{Enter}')
  expect(onactivate).not.toHaveBeenCalled()
  expect(screen.getByRole('button', { name: 'Mute' })).toHaveAttribute('aria-pressed', 'true')
})

test('comma and full stop go from frame to frame', async () => {
  const { user, video } = open()
  await user.keyboard('..')
  expect(video.currentTime).toBeCloseTo(2.5 / 24)
  await user.keyboard(',')
  expect(video.currentTime).toBeCloseTo(1.5 / 24)
  expect(screen.getByText('00:00:00:01')).toBeInTheDocument()
  expect(screen.getByText('1 / 72')).toBeInTheDocument()
})

test('Home and End go to the ends, and J, K and L play as editors have it', async () => {
  const { user, video } = open()
  await user.keyboard('k{End}')
  expect(video.currentTime).toBe(3)
  await user.keyboard('{Home}ll')
  expect([video.currentTime, video.playbackRate, video.paused]).toEqual([0, 2, false])
  expect(screen.getByText('2×', { selector: '[role=status]' })).toBeInTheDocument()
  await user.keyboard('k')
  expect([video.playbackRate, video.paused]).toEqual([1, true])
  await user.keyboard('j')
  expect(screen.getByText('-1×', { selector: '[role=status]' })).toBeInTheDocument()
})

test('digits with Shift are speeds, and digits alone ratings', async () => {
  const { user, video, onjudge } = open()
  await fireEvent.keyDown(screen.getByRole('dialog'), { key: '@', code: 'Digit2', shiftKey: true })
  expect(video.playbackRate).toBe(0.5)
  await user.keyboard('2')
  expect(onjudge.mock.calls).toEqual([[{ rating: 2 }]])
})

test('I and O have a part of it played, which is marked on the timeline', async () => {
  const { user } = open()
  await user.keyboard('k...i...o')
  expect(screen.getByText('Loop from frame 3 to 6')).toBeInTheDocument()
  await user.keyboard('o')
  expect(screen.getByText('Loop from frame 3 to 71')).toBeInTheDocument()
})

test('a file that says where it begins has its timecodes', () => {
  open(take(3, { timecode: '09:59:59:23' }))
  expect(screen.getByText('09:59:59:23')).toBeInTheDocument()
})

test('a video is enlarged, mirrored and has its safe areas by keys, and keeps that for the next take', async () => {
  const { user, container, rerender } = open()
  await user.keyboard('zhg')
  expect(screen.getByRole('group', { name: /enlarged/ })).toBeInTheDocument()
  expect(screen.getByRole('img', { name: /Safe areas/ })).toBeInTheDocument()
  await rerender({ take: take(4) })
  expect(container.querySelector('.mirrored video')).toHaveAttribute('src', '/api/take_004/media')
})

/** Answers to the questions how far a proxy is, one after the other. */
function answers(...found: { status?: number; [key: string]: unknown }[]) {
  const asked = vi.fn((_url: string, _init?: RequestInit) => {
    const { status = 200, ...body } = found.shift() ?? { ready: true, progress: 1 }
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }))
  })
  vi.stubGlobal('fetch', asked)
  return asked
}

test('of what the browser cannot decode one is made that it can, and the filmstrip is shown meanwhile', async () => {
  const asked = answers({ ready: false, progress: 0.25 })
  const { video, container } = open(take(11, {}, { codec: 'prores' }))
  await fireEvent.error(video)
  expect(screen.getByText(/cannot play ProRes: a version that it can play is being made/)).toBeInTheDocument()
  expect(screen.getByRole('img', { name: 'The filmstrip of take 11' })).toBeInTheDocument()
  await vi.waitFor(() => expect(screen.getByRole('progressbar')).toHaveAttribute('value', '0.25'))
  await vi.waitFor(() => expect(container.querySelector('video')).toHaveAttribute('src', '/api/take_011/proxy'))
  expect(asked.mock.calls.map(([url, init]) => [url, init?.method])).toEqual(Array(2).fill(['/api/take_011/proxy', 'POST']))
})

test('one key shows the original instead of its proxy, and back, at the same frame', async () => {
  answers({ ready: true, progress: 1 })
  const { container, user } = open(take(15))
  const playing = (): HTMLVideoElement => container.querySelector('video') as HTMLVideoElement
  const press = async (name: string, source: string): Promise<void> => {
    expect(screen.getByRole('button', { name })).toBeInTheDocument()
    await user.keyboard('q')
    await vi.waitFor(() => expect(playing()).toHaveAttribute('src', source))
    load(playing(), 3)
    expect(playing().currentTime).toBeCloseTo(4.5 / 24)
  }
  await user.keyboard('k....')
  await press('Original', '/api/take_015/proxy')
  await press('Proxy', '/api/take_015/media')
  await press('Original', '/api/take_015/proxy')
})

test('an original that the browser cannot play gives way to its proxy, and that is said', async () => {
  answers({ ready: true, progress: 1 })
  const { container, user, video } = open(take(16, {}, { codec: 'prores' }))
  await fireEvent.error(video)
  await vi.waitFor(() => expect(container.querySelector('video')).toHaveAttribute('src', '/api/take_016/proxy'))
  await user.keyboard('q')
  expect(container.querySelector('video')).toHaveAttribute('src', '/api/take_016/media')
  await fireEvent.error(container.querySelector('video') as HTMLVideoElement)
  expect(container.querySelector('video')).toHaveAttribute('src', '/api/take_016/proxy')
  expect(screen.getByText('This browser cannot play the original, which is ProRes.')).toBeInTheDocument()
})

test('what has no proxy either is shown as a still, with a way to the file', async () => {
  answers({ status: 404, title: 'No', detail: 'it has no proxy: its first frame cannot be decoded', hint: '' })
  const { video } = open(take(12, {}, { codec: 'prores' }))
  await fireEvent.error(video)
  expect(await screen.findByText(/cannot play ProRes.*its first frame cannot be decoded/)).toBeInTheDocument()
  expect(screen.getByRole('img', { name: 'A still of take 12' })).toHaveAttribute('src', '/api/take_012/thumbnail?size=1280')
  expect(screen.getByRole('link', { name: 'Download the file' })).toHaveAttribute('download', 'shot_001_take_001.mp4')
  expect(screen.queryByRole('group', { name: 'Playback' })).toBeNull()
})

test('the next take is tried anew after one that could not be played', async () => {
  answers({ ready: false, progress: null })
  const { video, rerender, container } = open(take(13))
  await fireEvent.error(video)
  await rerender({ take: take(14) })
  expect(container.querySelector('video')).toHaveAttribute('src', '/api/take_014/media')
})

test('a failed take says why, and cannot be made active', async () => {
  const error = 'The program stopped with exit code 3.'
  const { user, onactivate } = open(take(3, { status: 'failed', error, media: null, mediaUrl: null, thumbnailUrl: null }))
  expect(screen.getByText(`It failed: ${error}`)).toBeInTheDocument()
  await user.keyboard('{Enter}')
  expect(onactivate).not.toHaveBeenCalled()
})

test('a still is shown whole, and one to one with Z', async () => {
  const { user } = open(take(3, { duration: null }, { kind: 'image', codec: 'png' }))
  expect(screen.getByRole('button', { name: 'Size of the picture: Fit' })).toHaveAttribute('aria-pressed', 'false')
  await user.keyboard('z')
  expect(screen.getByRole('group', { name: /enlarged/ })).toBeInTheDocument()
  await user.keyboard('z')
  expect(screen.queryByRole('group', { name: /enlarged/ })).toBeNull()
})

test('until a still has come, its thumbnail is seen in its place', async () => {
  open(take(3, { duration: null }, { kind: 'image', codec: 'exr', frameRate: null }))
  const still = screen.getByRole('img', { name: 'Take 3' })
  expect(still.style.backgroundImage).toContain('/api/take_003/thumbnail?size=640')
  await fireEvent.load(still)
  expect(still.style.backgroundImage).toBe('')
})

test('a still of light is exposed and seen channel by channel, and is itself again', async () => {
  const { user } = open(take(3, { duration: null, resolution: { width: 2000, height: 1000 } }, { kind: 'image', codec: 'exr', frameRate: null }))
  const src = (): string | null => screen.getByRole('img', { name: 'Take 3' }).getAttribute('src')
  expect(src()).toBe('/api/take_003/still?size=3840')
  await user.keyboard('eec')
  await vi.waitFor(() => expect(src()).toBe('/api/take_003/still?size=3840&stops=1&gamma=1&channel=r'))
  await user.keyboard('r')
  await vi.waitFor(() => expect(src()).toBe('/api/take_003/still?size=3840'))
})

test('what a screen shows whole has no light to change', () => {
  open()
  expect(screen.queryByRole('group', { name: 'Light' })).toBeNull()
})

test('a sound is its waveform and a line at where it is', () => {
  const { container } = open(take(3, { resolution: null }, { kind: 'audio', codec: 'flac', frameRate: null }))
  expect(container.querySelector('audio')).toHaveAttribute('src', '/api/take_003/media')
  expect(screen.getByRole('img', { name: 'The loudness of take 3' })).toBeInTheDocument()
})

test('an image sequence is played, frame by frame and without a sound', async () => {
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockResolvedValue()
  const { user } = open(sequenceTake(3, [1001, 1002, 1005]))
  expect(await screen.findByRole('img', { name: 'Take 3, frame 1001' })).toBeInTheDocument()
  await user.keyboard('k{Home}..')
  expect(await screen.findByRole('img', { name: 'Take 3, frame 1003 is missing' })).toBeInTheDocument()
  expect(screen.getByRole('group', { name: 'Playback' })).toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Mute' })).toBeNull()
  expect(screen.getByText('shot_001_take_001.####.exr')).toBeInTheDocument()
})

test('until the first frame of a sequence is there, its picture is seen', async () => {
  let come: () => void = () => undefined
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockReturnValue(new Promise((resolve) => (come = resolve)))
  const { container } = open(sequenceTake(3))
  const picture = (): Element | null => container.querySelector('.seen img')
  expect(picture()).toHaveAttribute('src', expect.stringContaining('/thumbnail'))
  come()
  await vi.waitFor(() => expect(picture()).toBeNull())
})

test('an image sequence whose frames cannot be had is shown as a still', async () => {
  vi.spyOn(HTMLImageElement.prototype, 'decode').mockRejectedValue(new Error('gone'))
  open(sequenceTake(3))
  const told = await screen.findByText(/frames cannot be shown now/, {}, { timeout: 10_000 }) // they are asked for again first
  expect(told).toBeInTheDocument()
})

test('Escape closes it', async () => {
  const { user, onclose } = open()
  await user.keyboard('{Escape}')
  expect(onclose).toHaveBeenCalledTimes(1)
})

test('the focus goes back to where it was', async () => {
  const button = document.body.appendChild(document.createElement('button'))
  button.focus()
  const { unmount } = render(Player, { take: take(1), onclose: vi.fn(), onstep: vi.fn(), onactivate: vi.fn() })
  expect(screen.getByRole('dialog')).toHaveFocus()
  unmount()
  expect(button).toHaveFocus()
  button.remove()
})
