/**
 * The store: pictures of frames, asked for before they are shown.
 *
 * As many are asked for at a time as leave a connection for all else. Those that were shown longest ago go first; a
 * browser has them still, and they come back at once.
 */

import { patiently } from '../patience.ts'

export interface Picture {
  readonly source: CanvasImageSource
  readonly width: number
  readonly height: number
}

export type Load = (number: number) => Promise<Picture>

/** Frames that are asked for before their turn. */
const AHEAD = 48
const AT_ONCE = 4
/** Frames that are kept: of 1280 x 720 half a gigabyte, where a browser has all of them unpacked. */
const KEPT = 128

export class FrameStore {
  /** By number; null where it cannot be had. */
  #pictures = new Map<number, Picture | null>()
  #asked = new Set<number>()
  #wanted: number[] = []
  #isClosed = false

  /** `arrived` is called for each one that has come, or cannot. */
  constructor(
    private readonly load: Load,
    private readonly arrived: (number: number) => void,
  ) {}

  /** Whether nothing more is to be waited for. */
  has(number: number): boolean {
    return this.#pictures.has(number)
  }

  picture(number: number): Picture | null {
    const found = this.#pictures.get(number)
    if (found === undefined) return null
    this.#pictures.delete(number)
    this.#pictures.set(number, found)
    return found
  }

  /** Ask for these, the first of them first, and for no others that nobody has begun to fetch. */
  want(numbers: Iterable<number>): void {
    const wanted = new Set<number>()
    for (const number of numbers) {
      if (wanted.size >= AHEAD) break
      wanted.add(number)
    }
    this.#wanted = [...wanted].filter((number) => !this.has(number) && !this.#asked.has(number))
    this.#fetch()
  }

  close(): void {
    this.#isClosed = true
    this.#wanted = []
    this.#pictures.clear()
  }

  #fetch(): void {
    while (this.#asked.size < AT_ONCE) {
      const number = this.#wanted.shift()
      if (number === undefined) return
      this.#asked.add(number)
      this.load(number).then(
        (picture) => this.#keep(number, picture),
        () => this.#keep(number, null),
      )
    }
  }

  #keep(number: number, picture: Picture | null): void {
    this.#asked.delete(number)
    if (this.#isClosed) return
    this.#pictures.set(number, picture)
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= KEPT) break
      this.#pictures.delete(oldest)
    }
    this.#fetch()
    this.arrived(number)
  }
}

/** A picture at an address, once it can be drawn. */
export async function loadPicture(url: string): Promise<Picture> {
  return await patiently(() => drawn(url))
}

async function drawn(url: string): Promise<Picture> {
  const image = new Image()
  image.src = url
  await image.decode()
  return { source: image, width: image.naturalWidth, height: image.naturalHeight }
}
