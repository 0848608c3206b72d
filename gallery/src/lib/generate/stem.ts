/** The name that a file must have to become a take that was asked for. */

import { lastFolder } from '../film/paths.ts'
import type { Shot } from '../types.ts'

/** How the names of a shot's files begin: the number that leads its folder's name, or all of that name. */
export function stemOf(shot: Shot): string {
  const folder = lastFolder(shot.path)
  const number = /^\d+/.exec(folder)?.[0]
  return number ? `shot_${number}` : folder
}
