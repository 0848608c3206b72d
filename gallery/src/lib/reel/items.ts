/** The items of the reel: the active takes, in the order of the film, and the shots that have none. */

import { showTake } from '../api.ts'
import type { Shot, Take } from '../types.ts'

export interface ReelItem {
  shot: Shot
  /** Null where none is active. */
  take: Take | null
}

/** As many requests at once as a browser makes to one server anyway. */
const AT_ONCE = 6

export async function reelItems(project: string, shots: readonly Shot[]): Promise<ReelItem[]> {
  const found: ReelItem[] = []
  let next = 0
  async function fetchSome(): Promise<void> {
    while (next < shots.length) {
      const index = next++
      const shot = shots[index]
      if (shot) found[index] = { shot, take: shot.activeTakeId ? await showTake(project, shot.id, shot.activeTakeId) : null }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, fetchSome))
  return found
}

/** A part of the film: a folder that shots lie in, `''` for all of it. */
export function partsOf(items: readonly ReelItem[]): string[] {
  const parts = items.flatMap(({ shot }) => {
    const folders = shot.path.split('/').slice(0, -1)
    return folders.map((_, depth) => folders.slice(0, depth + 1).join('/'))
  })
  return [...new Set(parts)]
}

export function isIn({ shot }: ReelItem, part: string): boolean {
  return part === '' || shot.path.startsWith(`${part}/`)
}
