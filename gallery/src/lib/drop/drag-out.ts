/** Dragging out: takes go to the desktop, to an editor or into a terminal, as files and as where these are. */

import { filePath } from '../api.ts'
import { pathOf } from '../film/paths.ts'
import type { Take } from '../types.ts'

/** Have what is dragged be the files of those takes, below that folder; whether there are any. */
export function fill(transfer: DataTransfer, root: string, takes: readonly Take[]): boolean {
  const paths = takes.flatMap((take) => filePath(root, pathOf(take.shotId), take) ?? [])
  if (paths.length === 0) return false
  transfer.effectAllowed = 'copy'
  transfer.setData('text/uri-list', paths.map(fileUrl).join('\r\n'))
  transfer.setData('text/plain', paths.join('\n'))
  const [take] = takes
  if (takes.length === 1 && take?.mediaUrl && take.media && !take.media.frames) {
    transfer.setData('DownloadURL', `application/octet-stream:${take.media.name}:${new URL(take.mediaUrl, location.href).href}`)
  }
  return true
}

/** A path as an address. */
export function fileUrl(path: string): string {
  return `file://${path.split('/').map(encodeURIComponent).join('/')}`
}
