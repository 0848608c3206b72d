/** Animations: pictures that move, such as a GIF or a WebP, taken apart by the browser so that they can be stepped. */

import type { Frames, Take } from '../types.ts'
import type { Picture } from './store.ts'
import { uneven, type Times } from './times.ts'

/** What browsers call each kind. */
const TYPES: Readonly<Record<string, string>> = { gif: 'image/gif', webp: 'image/webp', png: 'image/png' }

/** Whether it is a picture that moves, and this browser takes such apart. */
export function isAnimated({ media, duration }: Take): boolean {
  const isOne = media?.kind === 'image' && !media.frames && duration !== null && (media.codec ?? '') in TYPES
  return isOne && typeof ImageDecoder === 'function'
}

export interface Animation {
  frames: Frames
  times: Times
  load: (number: number) => Promise<Picture>
  close: () => void
}

/** What is in an animation, once all of it is there. */
export async function openAnimation(take: Take): Promise<Animation> {
  const response = await fetch(take.mediaUrl ?? '', { credentials: 'same-origin' })
  if (!response.ok) throw new Error(response.statusText)
  const decoder = new ImageDecoder({ data: await response.arrayBuffer(), type: TYPES[take.media?.codec ?? ''] ?? '' })
  await decoder.tracks.ready
  const count = decoder.tracks.selectedTrack?.frameCount ?? 1
  const times = uneven(await lengths(decoder, count))
  return {
    times,
    frames: { pattern: '', poster: '', first: 0, last: count - 1, count, bytes: 0, missing: 0, gaps: [], rate: count / times.duration },
    load: async (number) => {
      const { image } = await decoder.decode({ frameIndex: number })
      const source = await createImageBitmap(image)
      image.close()
      return { source, width: source.width, height: source.height }
    },
    close: () => decoder.close(),
  }
}

/** As long as browsers show a frame that says that it takes no time, or less than they can tell, in seconds. */
const HURRIED = 0.1
const LEAST = 0.011

/** How long each frame is seen, in seconds: only who takes it apart is told. */
async function lengths(decoder: ImageDecoder, count: number): Promise<number[]> {
  const found: number[] = []
  for (let frameIndex = 0; frameIndex < count; frameIndex += 1) {
    const { image } = await decoder.decode({ frameIndex })
    const seconds = (image.duration ?? 0) / 1e6
    found.push(seconds < LEAST ? HURRIED : seconds)
    image.close()
  }
  return found
}
