/** The grade: how somebody looks at a picture of light for a moment: brighter or darker, or one channel of it alone. */

import { clamp } from '../clamp.ts'

export const CHANNELS = [
  { id: 'rgb', name: 'Colour' },
  { id: 'r', name: 'Red' },
  { id: 'g', name: 'Green' },
  { id: 'b', name: 'Blue' },
  { id: 'a', name: 'Alpha' },
  { id: 'luma', name: 'Luma' },
] as const

export type Channel = (typeof CHANNELS)[number]['id']

export const STOPS = { least: -8, most: 8, step: 0.25, key: 0.5 } as const
export const GAMMA = { least: 0.25, most: 4, step: 0.05 } as const

/** Kinds of pictures that hold more than a screen shows. */
const GRADED = new Set(['exr', 'tiff', 'dpx'])

export function isGraded(codec: string | null | undefined): boolean {
  return GRADED.has(codec ?? '')
}

export class Grade {
  /** How often the light is doubled. */
  stops = $state(0)
  gamma = $state(1)
  channel = $state<Channel>('rgb')

  /** As the daemon is asked for it; empty for a picture as it is. */
  readonly query = $derived.by(() => {
    const { stops, gamma, channel } = this
    return stops === 0 && gamma === 1 && channel === 'rgb' ? '' : `stops=${stops}&gamma=${gamma}&channel=${channel}`
  })

  expose(direction: 1 | -1): void {
    this.stops = clamp(this.stops + direction * STOPS.key, STOPS.least, STOPS.most)
  }

  nextChannel(): void {
    const at = CHANNELS.findIndex(({ id }) => id === this.channel)
    this.channel = CHANNELS[(at + 1) % CHANNELS.length]?.id ?? 'rgb'
  }

  reset(): void {
    this.stops = 0
    this.gamma = 1
    this.channel = 'rgb'
  }
}

/** What its keys do; nothing where there is nothing to grade. */
export function gradeKeys(grade: Grade | null) {
  return {
    darker: grade ? () => grade.expose(-1) : undefined,
    lighter: grade ? () => grade.expose(1) : undefined,
    channel: grade ? () => grade.nextChannel() : undefined,
    ungraded: grade ? () => grade.reset() : undefined,
  }
}
