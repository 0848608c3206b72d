/** The items of the reel: the active takes, in the order of the film. */

import { showTake } from '../api.ts'
import type { Shot, Take } from '../types.ts'

export interface ReelItem {
  shot: Shot
  take: Take
}

/** As many requests at once as a browser makes to one server anyway. */
const AT_ONCE = 6

export async function reelItems(project: string, shots: readonly Shot[]): Promise<ReelItem[]> {
  const left = shots.flatMap((shot) => (shot.activeTakeId ? [{ shot, id: shot.activeTakeId }] : []))
  const found: (ReelItem | undefined)[] = []
  let next = 0
  async function fetchSome(): Promise<void> {
    while (next < left.length) {
      const index = next++
      const wanted = left[index]
      if (wanted) found[index] = { shot: wanted.shot, take: await showTake(project, wanted.shot.id, wanted.id) }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, fetchSome))
  return found.filter((item) => item !== undefined)
}
