/** Moves: where a key leads to in a grid of cells. */

/** The cell that a key leads to, in a grid of that many; null where the key does not move. */
export function cellAfter(key: string, from: number, count: number, columns: number, page: number): number | null {
  const last = count - 1
  switch (key) {
    case 'ArrowRight':
      return Math.min(from + 1, last)
    case 'ArrowLeft':
      return Math.max(from - 1, 0)
    case 'ArrowDown':
      return below(from, last, columns)
    case 'ArrowUp':
      return from - columns < 0 ? from : from - columns
    case 'PageDown':
      return Math.min(from + columns * page, last)
    case 'PageUp':
      return Math.max(from - columns * page, from % columns)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}

/** One row down; from the row before a short last one, its last cell. */
function below(from: number, last: number, columns: number): number {
  if (from + columns <= last) return from + columns
  const isInLastRow = Math.floor(from / columns) === Math.floor(last / columns)
  return isInLastRow ? from : last
}
