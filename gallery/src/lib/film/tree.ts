/** The film as a tree: chapters and scenes hold shots. Any depth of folders will do. */

import { folderWords } from '../format.ts'
import type { Shot } from '../types.ts'
import { lastFolder, parentsOf } from './paths.ts'

export interface Folder {
  kind: 'folder'
  /** Its path. */
  key: string
  number: string | null
  words: string
  depth: number
  children: Node[]
  shotCount: number
  takeCount: number
}

export interface Leaf {
  kind: 'shot'
  key: string
  number: string | null
  words: string
  depth: number
  shot: Shot
}

export type Node = Folder | Leaf

/** The order of a film: numbers count as numbers, so that 2 comes before 10. */
let order: Intl.Collator | undefined
const collator = (): Intl.Collator => (order ??= new Intl.Collator('en', { numeric: true, sensitivity: 'base' }))

/** The tree over those shots, each level in order. */
export function buildTree(shots: readonly Shot[]): Node[] {
  const top: Node[] = []
  const folders = new Map<string, Folder>()
  for (const shot of shots) {
    const parents = parentsOf(shot.path)
    const level = parents.reduce((level, path) => enter(folders, level, path, shot), top)
    level.push(leaf(shot, parents.length))
  }
  sort(top)
  return top
}

function enter(folders: Map<string, Folder>, level: Node[], path: string, shot: Shot): Node[] {
  let folder = folders.get(path)
  if (!folder) {
    const name = folderWords(lastFolder(path))
    const depth = parentsOf(path).length
    folder = { kind: 'folder', key: path, ...name, depth, children: [], shotCount: 0, takeCount: 0 }
    folders.set(path, folder)
    level.push(folder)
  }
  folder.shotCount += 1
  folder.takeCount += shot.takeCount
  return folder.children
}

function leaf(shot: Shot, depth: number): Leaf {
  return { kind: 'shot', key: shot.path, ...folderWords(lastFolder(shot.path)), depth, shot }
}

function sort(level: Node[]): void {
  level.sort((one, other) => collator().compare(one.key, other.key))
  for (const node of level) if (node.kind === 'folder') sort(node.children)
}

/** The nodes that are to be seen, from top to bottom: what lies in a closed folder is left out. */
export function visibleNodes(tree: readonly Node[], isOpen: (folder: Folder) => boolean): Node[] {
  const seen: Node[] = []
  function walk(level: readonly Node[]): void {
    for (const node of level) {
      seen.push(node)
      if (node.kind === 'folder' && isOpen(node)) walk(node.children)
    }
  }
  walk(tree)
  return seen
}

/** The shots in the order of the film. */
export function shotsInOrder(tree: readonly Node[]): Shot[] {
  return visibleNodes(tree, () => true).flatMap((node) => (node.kind === 'shot' ? [node.shot] : []))
}

/** The shots whose path has every one of the words in it, whatever their case. */
export function shotsNamed(shots: readonly Shot[], words: string): Shot[] {
  const wanted = fold(words).split(' ').filter(Boolean)
  return shots.filter((shot) => {
    const path = fold(shot.path)
    return wanted.every((word) => path.includes(word))
  })
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll('_', ' ')
}

/** A shot's path as words, from the chapter down. */
export function crumbs(path: string): { number: string | null; words: string; path: string }[] {
  return [...parentsOf(path), path].map((path) => ({ ...folderWords(lastFolder(path)), path }))
}
