/** Which folders of the film are open, and where in the tree the keys are. */

import { parentOf, parentsOf } from '../film/paths.ts'
import { buildTree, type Folder, type Node, visibleNodes } from '../film/tree.ts'
import type { Shot } from '../types.ts'

/** A film with more shots than this begins with its folders closed. */
const MANY = 300

export class TreeView {
  /** The node that the keys are at. */
  focus = $state<string | null>(null)
  #toggled = $state.raw<ReadonlyMap<string, boolean>>(new Map())
  readonly #shots: () => readonly Shot[]
  readonly #opensAll: () => boolean

  constructor(shots: () => readonly Shot[], opensAll: () => boolean) {
    this.#shots = shots
    this.#opensAll = opensAll
  }

  readonly tree = $derived.by(() => buildTree(this.#shots()))
  readonly nodes = $derived.by(() => visibleNodes(this.tree, (folder) => this.isOpen(folder)))
  readonly indices = $derived.by(() => new Map(this.nodes.map((node, index) => [node.key, index])))
  /** Where the keys are; the first node where that one is not to be seen. */
  readonly index = $derived.by(() => this.indices.get(this.focus ?? '') ?? (this.nodes.length ? 0 : null))

  isOpen(folder: Folder): boolean {
    return this.#opensAll() || (this.#toggled.get(folder.key) ?? this.#shots().length <= MANY)
  }

  set(key: string, isOpen: boolean): void {
    this.#toggled = new Map(this.#toggled).set(key, isOpen)
  }

  /** Open the folders that lead to it. */
  lead(path: string): void {
    const toggled = new Map(this.#toggled)
    for (const folder of parentsOf(path)) toggled.set(folder, true)
    this.#toggled = toggled
    this.focus = path
  }

  /** Where that key leads to in the tree, as the ARIA practices have it; null where it does nothing. */
  press(key: string): Node | null {
    const index = this.index
    const node = index === null ? undefined : this.nodes[index]
    if (index === null || !node) return null
    const to = this.#after(key, node, index)
    if (to) this.focus = to.key
    return to
  }

  #after(key: string, node: Node, index: number): Node | null {
    switch (key) {
      case 'ArrowDown':
        return this.nodes[index + 1] ?? node
      case 'ArrowUp':
        return this.nodes[index - 1] ?? node
      case 'Home':
        return this.nodes[0] ?? node
      case 'End':
        return this.nodes.at(-1) ?? node
      case 'ArrowRight':
        return this.#inward(node, index)
      case 'ArrowLeft':
        return this.#outward(node)
      default:
        return null
    }
  }

  #inward(node: Node, index: number): Node {
    if (node.kind === 'shot') return node
    if (this.isOpen(node)) return this.nodes[index + 1] ?? node
    this.set(node.key, true)
    return node
  }

  #outward(node: Node): Node {
    if (node.kind === 'folder' && this.isOpen(node)) {
      this.set(node.key, false)
      return node
    }
    return this.nodes[this.indices.get(parentOf(node.key)) ?? -1] ?? node
  }

  /** The first node below this one whose name begins with that letter. */
  typed(letter: string): Node | null {
    const index = this.index ?? 0
    const round = [...this.nodes.slice(index + 1), ...this.nodes.slice(0, index + 1)]
    const found = round.find((node) => node.words.toLowerCase().startsWith(letter.toLowerCase()))
    if (found) this.focus = found.key
    return found ?? null
  }
}
