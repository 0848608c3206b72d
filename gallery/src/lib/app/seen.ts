/** How far somebody has seen the takes, of each shot and of the film, kept in the browser: what is newer than that is new. */

import type { Take } from '../types.ts'
import { remember, remembered } from './memory.ts'

/** The highest number of those takes that was seen; null where none ever was. */
export function seenOf(project: string, shot: string): number | null {
  return known(project)[shot] ?? null
}

export function see(project: string, shot: string, takes: readonly Take[]): void {
  const highest = Math.max(0, ...takes.map((take) => take.number))
  const all = known(project)
  if (highest > (all[shot] ?? -1)) remember(`seen.${project}`, JSON.stringify({ ...all, [shot]: highest }))
}

/** The position of the film's log up to which somebody has looked; 0 where he never has. */
export function lookedAt(project: string): number {
  const position = Number(remembered(`looked.${project}`))
  return Number.isSafeInteger(position) && position > 0 ? position : 0
}

export function look(project: string, position: number): void {
  remember(`looked.${project}`, String(position))
}

function known(project: string): Record<string, number> {
  try {
    return JSON.parse(remembered(`seen.${project}`) ?? '{}') as Record<string, number>
  } catch {
    return {}
  }
}
