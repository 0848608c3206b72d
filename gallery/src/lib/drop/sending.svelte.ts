/** What is sent to a shot, from the drop until it lies there: how far it is, and what became of it. */

import { SvelteMap } from 'svelte/reactivity'
import { bringUpload, cancelUpload, commandId, errorText, planUpload, uploadUrl } from '../api.ts'
import type { LeftFile } from '../types.ts'
import type { Wanted } from './dropped.ts'
import { sendFile } from './send.ts'

/** Files that are on their way at the same time. */
const AT_ONCE = 3

export class Sending {
  readonly id = commandId()
  state = $state<'sending' | 'placing' | 'done' | 'failed' | 'cancelled'>('sending')
  /** What stopped it. */
  problem = $state('')
  /** What cannot become takes. */
  left = $state.raw<readonly LeftFile[]>([])
  /** How many files, and folders of frames, lie in the shot. */
  brought = $state(0)
  readonly bytes: number

  readonly #sent = new SvelteMap<string, number>()
  readonly #whole = new Set<string>()
  #stop = new AbortController()

  constructor(
    readonly project: string,
    readonly shot: string,
    readonly files: readonly Wanted[],
  ) {
    this.bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  }

  /** Of all its bytes, the part that is on its way: 0 to 1. */
  get fraction(): number {
    const left = new Set(this.left.map(({ path }) => path))
    const bytes = this.files.reduce((sum, { path, file }) => sum + (left.has(path) ? 0 : file.size), 0)
    const sent = [...this.#sent.values()].reduce((sum, one) => sum + one, 0)
    return bytes ? Math.min(1, sent / bytes) : 0
  }

  /** Send it, or what of it is not there yet; whether it lies in the shot then. */
  async run(): Promise<boolean> {
    this.#stop = new AbortController()
    this.state = 'sending'
    try {
      await this.#send(await this.#plan())
      this.state = 'placing'
      const { files, left } = await bringUpload(this.project, this.shot, this.id)
      this.left = [...this.left, ...left]
      this.brought = files.length
      this.state = 'done'
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (!this.#stop.signal.aborted) [this.state, this.problem] = ['failed', errorText(error)]
      this.#stop.abort()
    }
    return this.state === 'done'
  }

  /** Send no more, and have what was sent gone. */
  async cancel(): Promise<void> {
    this.state = 'cancelled'
    this.#stop.abort()
    await cancelUpload(this.project, this.id).catch(() => undefined) // what is left goes by itself after a day
  }

  /** The files that can become takes, as far as the daemon can tell. */
  async #plan(): Promise<Wanted[]> {
    const told = this.files.map(({ path, file }) => ({ path, bytes: file.size }))
    this.left = (await planUpload(this.project, told)).left
    const left = new Set(this.left.map(({ path }) => path))
    const files = this.files.filter(({ path }) => !left.has(path))
    if (files.length === 0) throw new Error('None of this can become a take.')
    return files
  }

  async #send(files: Wanted[]): Promise<void> {
    const waiting = files.filter(({ path }) => !this.#whole.has(path))
    const sendNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.#sendOne(next)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, sendNext))
  }

  async #sendOne({ path, file }: Wanted): Promise<void> {
    const { signal } = this.#stop
    signal.throwIfAborted()
    await sendFile(uploadUrl(this.project, this.id, path), file, (bytes) => this.#sent.set(path, bytes), signal)
    this.#sent.set(path, file.size)
    this.#whole.add(path)
  }
}
