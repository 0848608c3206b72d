/** What somebody drops on the page, or chooses: files, and folders with all that is in them. */

export interface Wanted {
  /** With the folders that it was dropped in. */
  path: string
  file: File
}

/** Whether files are dragged, and not something of a page. */
export function hasFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer?.types.includes('Files') ?? false
}

/** All files that are dropped. To be called while the drop is told of: later there is nothing in it any more. */
export async function filesOf(transfer: DataTransfer): Promise<Wanted[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry())
  const known = entries.filter((entry) => entry !== null)
  if (known.length === 0) return Array.from(transfer.files, (file) => ({ path: file.name, file }))
  return (await Promise.all(known.map(within))).flat()
}

/** Have somebody choose files; none where they think better of it. */
export function chosenFiles(): Promise<Wanted[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  return new Promise((tell) => {
    input.onchange = () => tell(Array.from(input.files ?? [], (file) => ({ path: file.name, file })))
    input.oncancel = () => tell([])
    input.click()
  })
}

async function within(entry: FileSystemEntry): Promise<Wanted[]> {
  const path = entry.fullPath.replace(/^\//, '')
  if (entry.isFile) {
    const file = await new Promise<File>((tell, fail) => (entry as FileSystemFileEntry).file(tell, fail))
    return [{ path, file }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: Wanted[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((tell, fail) => reader.readEntries(tell, fail))
    if (some.length === 0) return found
    for (const one of some) found.push(...(await within(one)))
  }
}
