/** Levels: how loud each channel of what is played is at the moment, in dBFS, as Web Audio hears it. */

import type { Driven } from '../sequence/driven.ts'

/** The least that is told, in dBFS. */
export const FLOOR = -60

/** How quickly a level falls, in dB a second, as IEC 60268-10 has it for peak meters: 20 dB in 1.7 s. */
const FALL = 20 / 1.7

/** Seconds that a peak is held. */
const HELD = 1.5

/** Samples that are looked at each time: 43 ms of 48 kHz, so that none is passed over between two pictures. */
const WINDOW = 2048

export interface Level {
  /** dBFS of the loudest sample a moment ago, and the peak that is held. */
  now: number
  peak: number
  /** When that peak was, in seconds. */
  since: number
  /** Whether a sample was as loud as can be. */
  isOver: boolean
}

export const SILENT: Level = { now: FLOOR, peak: FLOOR, since: -Infinity, isOver: false }

/** The level after these samples, `passed` seconds after the one before. */
export function heard(before: Level, samples: Float32Array, time: number, passed: number): Level {
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  const found = Math.max(FLOOR, 20 * Math.log10(loudest))
  const now = Math.max(found, before.now - FALL * passed, FLOOR)
  const isOver = before.isOver || loudest >= 1
  if (found >= before.peak) return { now, peak: found, since: time, isOver }
  const isHeld = time - before.since < HELD
  return { now, peak: isHeld ? before.peak : Math.max(now, before.peak - FALL * passed), since: before.since, isOver }
}

/** One for the page: a browser has few of them. */
let context: AudioContext | undefined

export class Levels {
  /** One for each channel; none while nothing is heard. */
  channels = $state.raw<readonly Level[]>([])

  /** Listen to that element, which has so many channels; what is answered ends that. */
  listen(element: Driven, count: number): () => void {
    if (!(element instanceof HTMLMediaElement) || count === 0 || typeof AudioContext !== 'function') return () => undefined
    const ended = new AbortController()
    this.channels = Array<Level>(count).fill(SILENT)
    let stop: (() => void) | undefined
    element.addEventListener('playing', () => (stop ??= this.#start(element, count)), { signal: ended.signal })
    return () => {
      ended.abort()
      stop?.()
      this.channels = []
    }
  }

  /** Forget what was too loud. */
  reset(): void {
    this.channels = this.channels.map((level) => ({ ...level, isOver: false }))
  }

  #start(element: HTMLMediaElement, count: number): () => void {
    context ??= new AudioContext()
    void context.resume()
    const [samples, taps] = [new Float32Array(WINDOW), [] as AudioNode[]]
    let [before, frame] = [performance.now(), 0]
    const look = (now: number): void => {
      frame = requestAnimationFrame(look)
      const passed = Math.max(0, now - before) / 1000
      before = now
      // What is heard by a context that does not run is heard by nobody: it waits until a person has pressed something.
      if (context?.state !== 'running') return
      if (taps.length === 0) taps.push(...tapped(context, element, count))
      this.channels = taps.slice(1).map((tap, channel) => {
        ;(tap as AnalyserNode).getFloatTimeDomainData(samples)
        return heard(this.channels[channel] ?? SILENT, element.paused ? new Float32Array() : samples, now / 1000, passed)
      })
    }
    frame = requestAnimationFrame(look)
    return () => {
      cancelAnimationFrame(frame)
      taps.forEach((tap) => tap.disconnect())
    }
  }
}

/** Where an element is heard: the source, which goes on to the loudspeakers, and an analyser for each channel. */
function tapped(context: AudioContext, element: HTMLMediaElement, count: number): AudioNode[] {
  const source = context.createMediaElementSource(element)
  const splitter = context.createChannelSplitter(count)
  source.connect(context.destination)
  source.connect(splitter)
  const analysers = Array.from({ length: count }, (_, channel) => {
    const analyser = context.createAnalyser()
    analyser.fftSize = WINDOW
    splitter.connect(analyser, channel)
    return analyser
  })
  return [source, ...analysers]
}
