/** Paths: where a shot stands in the film, as folders with `/` between them; in a shot's full id `:` stands for `/`. */

/** The path of the shot with that full id. */
export function pathOf(shotId: string): string {
  return shotId.replaceAll(':', '/')
}

/** The folder that a path leads to. */
export function lastFolder(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The path of the folder above; empty where that is the film's. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** The paths of the folders above, from the chapter down. */
export function parentsOf(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}
