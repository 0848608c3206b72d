/** Facts: what is known of a take's file and of how it was made, as a person reads it. */

import { bytes, codecWords, seconds, size } from '../format.ts'
import type { Frames, Take, Workflow } from '../types.ts'

export interface Fact {
  name: string
  text: string
  /** The whole of a text that is shown shortened. */
  whole?: string
}

const SHOWN_OF_HASH = 12
const SHOWN_OF_GAPS = 8

/** What is known of the file; nothing is said of what is not. */
export function mediaFacts({ media, duration, resolution, channels, loudness }: Take): Fact[] {
  const { name, frames, frameRate, codec, sha256 } = media ?? {}
  const count = frames?.bytes ?? media?.bytes
  return known([
    ['File', frames?.pattern ?? name],
    ['Frames', frames && `${frames.first}–${frames.last}, ${frames.count} of them`],
    ['Missing', frames?.missing ? missing(frames) : null],
    ['Size', count === undefined ? null : bytes(count)],
    ['Duration', duration === null ? null : seconds(duration)],
    ['Resolution', resolution && size(resolution)],
    ['Frame rate', frameRate ? `${rounded(frameRate)} fps` : null],
    ['Codec', codec && codecWords(codec)],
    ['Channels', channels ? String(channels) : null],
    ['Loudness', loudness === undefined ? null : `${loudness.toFixed(1)} LUFS`],
    ['SHA-256', sha256 && `${sha256.slice(0, SHOWN_OF_HASH)}…`, sha256],
  ])
}

/** What its making took. */
export function resourceFacts({ resources: { generationTime, vramUsed, quality }, workflow }: Take): Fact[] {
  return known([
    ['Workflow', workflow && workflowFact(workflow)],
    ['Generation time', generationTime === null ? null : seconds(generationTime)],
    ['VRAM', vramUsed === null ? null : `${rounded(vramUsed / 1024)} GB`],
    ['Quality', quality],
  ])
}

/** Which workflow it was, whose, and whether it is another than when the take was asked for. */
function workflowFact({ path, chosenFor, was }: Workflow): string {
  const whose = { take: 'named for this take', shot: 'of the shot', film: 'of the film', configuration: 'of the configuration' }
  return `${path}, ${whose[chosenFor]}${was ? '; it has changed since the take was asked for' : ''}`
}

/** The frames that are not there, as many runs of them as a person reads. */
function missing({ missing: count, gaps }: Frames): string {
  const runs = gaps.slice(0, SHOWN_OF_GAPS).map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`))
  return `${count}: ${runs.join(', ')}${gaps.length > SHOWN_OF_GAPS ? ', …' : ''}`
}

function known(facts: [name: string, text: string | null | undefined, whole?: string | undefined][]): Fact[] {
  return facts.flatMap(([name, text, whole]) => (text ? [whole ? { name, text, whole } : { name, text }] : []))
}

function rounded(number: number): string {
  return String(Math.round(number * 100) / 100)
}
