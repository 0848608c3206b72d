/**
 * In step: of takes that are seen together, only pictures that belong together are shown.
 *
 * A browser shows the pictures of each video when it has them. So each is put aside as it comes, with its own time, and
 * drawn once the others have the picture for the same moment: all of them at once, in canvases over the videos.
 */

import type { Driven } from '../sequence/driven.ts'
import { Roll } from '../sequence/roll.ts'

/** Pictures that are put aside of each, and how wide they are at most; where there are many, narrower. */
const KEPT = 6
const WIDEST = 1920
const NARROW = 960
const FEW = 4

/** So many pictures without one that belongs to the others, and all of them are gathered. */
const PATIENCE = 12

/** Seconds: times are rounded. */
const HAIR = 2e-3

type Image = HTMLCanvasElement | CanvasImageSource

interface Picture {
  /** From when until when it is shown, in seconds; the last one of a take for ever. */
  from: number
  until: number
  image: Image
  width: number
  height: number
}

/** What is shown of one of them, the newest first. */
interface Slot {
  pictures: Picture[]
}

/** Whether this browser tells which picture of a video it shows. */
const CAN = typeof VideoFrame === 'function' && 'requestVideoFrameCallback' in HTMLVideoElement.prototype

export class InStep {
  #slots = new Map<number, Slot>()
  #canvases = new Map<number, HTMLCanvasElement>()
  #unmatched = 0

  /** `gather` has all of them go to the same moment. */
  constructor(private readonly gather: () => void) {}

  /** Look at what is shown of that element, of so many pictures a second; what is answered ends that. */
  watch(element: Driven, slot: number, rate: number): () => void {
    if (element instanceof HTMLAudioElement || (element instanceof HTMLVideoElement && !CAN)) return () => undefined
    const known: Slot = { pictures: [] }
    this.#slots.set(slot, known)
    const heard = new AbortController()
    const options = { signal: heard.signal }
    element.addEventListener('seeking', () => (known.pictures = []), options)
    const keep = (picture: Picture | null): void => this.#keep(known, picture)
    const look = element instanceof Roll ? () => keep(ofRoll(element)) : () => keep(this.#ofVideo(element as HTMLVideoElement, known, rate))
    for (const event of ['seeked', 'shown']) element.addEventListener(event, look, options)
    const stop = element instanceof HTMLVideoElement ? eachPicture(element, look) : undefined
    look()
    return () => {
      heard.abort()
      stop?.()
      if (this.#slots.get(slot) === known) this.#slots.delete(slot)
    }
  }

  /** For `{@attach}`: what is drawn in of that slot. */
  show = (slot: number) => (canvas: HTMLCanvasElement): (() => void) => {
    this.#canvases.set(slot, canvas)
    return () => {
      if (this.#canvases.get(slot) === canvas) this.#canvases.delete(slot)
    }
  }

  #keep(slot: Slot, picture: Picture | null): void {
    if (!picture) return
    slot.pictures = [picture, ...slot.pictures.filter(({ from }) => from !== picture.from)].slice(0, KEPT)
    const slots = [...this.#slots.keys()]
    const found = together([...this.#slots.values()].map(({ pictures }) => pictures))
    found?.forEach((one, index) => draw(this.#canvases.get(slots[index] ?? -1), one))
    this.#unmatched = found ? 0 : this.#unmatched + 1
    if (this.#unmatched <= PATIENCE * slots.length) return
    this.#unmatched = 0
    this.gather()
  }

  #ofVideo(video: HTMLVideoElement, slot: Slot, rate: number): Picture | null {
    if (video.seeking || video.readyState < 2 || video.videoWidth === 0) return null
    const frame = frameOf(video)
    if (!frame) return null
    const from = frame.timestamp / 1e6
    const most = this.#slots.size > FEW ? NARROW : WIDEST
    const scale = Math.min(1, most / video.videoWidth)
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)]
    const image = spareOf(slot, width, height)
    image.getContext('2d', { alpha: false })?.drawImage(frame, 0, 0, width, height)
    frame.close()
    const until = from + 1 / rate
    return { from, until: until > video.duration - 0.5 / rate ? Infinity : until, image, width, height }
  }
}

/** What a video shows; null where it has lost that since it was asked, as one does whose source is going away. */
function frameOf(video: HTMLVideoElement): VideoFrame | null {
  try {
    return new VideoFrame(video)
  } catch {
    return null
  }
}

/** A canvas of that size to put a picture aside in: the one that would go next, where it has that size. */
function spareOf({ pictures }: Slot, width: number, height: number): HTMLCanvasElement {
  const last = pictures.length >= KEPT ? pictures.pop()?.image : undefined
  const canvas = last instanceof HTMLCanvasElement ? last : document.createElement('canvas')
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  return canvas
}

function ofRoll({ shown, times }: Roll): Picture | null {
  if (!shown?.picture) return null
  const from = times.start(shown.index)
  const isLast = shown.index + 1 >= times.count
  const { source, width, height } = shown.picture
  return { from, until: isLast ? Infinity : times.start(shown.index + 1), image: source, width, height }
}

/** The newest picture of each that are shown at one moment; null where there are none yet. */
export function together<P extends { from: number; until: number }>(all: readonly (readonly P[])[]): P[] | null {
  const [first, ...others] = all
  for (const picture of first ?? []) {
    const found = [picture]
    let { from, until } = picture
    for (const pictures of others) {
      const next = pictures.find((one) => one.from < until - HAIR && from < one.until - HAIR)
      if (!next) break
      found.push(next)
      from = Math.max(from, next.from)
      until = Math.min(until, next.until)
    }
    if (found.length === all.length) return found
  }
  return null
}

function draw(canvas: HTMLCanvasElement | undefined, picture: Picture): void {
  if (!canvas) return
  if (canvas.width !== picture.width) canvas.width = picture.width
  if (canvas.height !== picture.height) canvas.height = picture.height
  canvas.getContext('2d', { alpha: false })?.drawImage(picture.image, 0, 0)
}

/** Be told of each picture that a video shows; what is answered ends that. */
function eachPicture(video: HTMLVideoElement, look: () => void): () => void {
  let handle = video.requestVideoFrameCallback(function again() {
    look()
    handle = video.requestVideoFrameCallback(again)
  })
  return () => video.cancelVideoFrameCallback(handle)
}
