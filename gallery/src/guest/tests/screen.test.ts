import { fireEvent, render, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { GuestShot } from '../../lib/types.ts'
import Screen from '../Screen.svelte'

const SHOT: GuestShot = {
  id: '001_Gulls',
  name: '001_Gulls',
  notes: [],
  takes: [
    {
      id: 'take_001',
      number: 1,
      active: true,
      created: '2026-11-27T18:00:00Z',
      kind: 'video',
      codec: 'prores',
      duration: 2,
      rate: 24,
      width: 640,
      height: 360,
      frames: null,
      picture: 'thumbnail?of=1',
      colour: null,
      media: 'media',
      proxy: 'proxy',
      notes: [],
    },
  ],
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** What the guest sees of a take that this browser cannot play, where the daemon answers so. */
async function seen(...answers: (Response | Error)[]): Promise<string | null> {
  vi.stubGlobal('fetch', () => {
    const answer = answers.shift() ?? new Error('nobody has asked so often')
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  })
  const { container } = render(Screen, { shots: [SHOT], at: 0, isReel: false, withNotes: false, onclose: () => undefined })
  await fireEvent.error(container.querySelector('video') as HTMLVideoElement)
  await vi.advanceTimersByTimeAsync(10_000)
  return container.querySelector('video')?.getAttribute('src') ?? null
}

test('what is made of a take is played once it is there, though nobody could be asked for a moment', async () => {
  const made = new Response(JSON.stringify({ progress: 0.5 }), { status: 202 })
  const busy = new Response(null, { status: 503 })
  expect(await seen(new TypeError('Failed to fetch'), busy, made, busy, new Response(null, { status: 206 }))).toBe('proxy')
})

test('where nothing can be made of it, its picture is seen, and nothing is promised any more', async () => {
  const made = new Response(JSON.stringify({ progress: 0.5 }), { status: 202 })
  expect(await seen(made, new Response(null, { status: 404 }))).toBeNull()
  expect(screen.getByRole('status')).toHaveTextContent('This browser cannot play it')
})
