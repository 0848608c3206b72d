/** The clipboard: a text is put into it, and for a moment it is told that it is there. */

const NEWS = 2_000

export class Clipboard {
  /** What has just been copied. */
  done = $state<string | null>(null)
  failed = $state(false)
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `what` is the name of the text. */
  async copy(what: string, text: string): Promise<void> {
    clearTimeout(this.#timer)
    try {
      await navigator.clipboard.writeText(text)
      this.failed = false
    } catch {
      this.failed = true
    }
    this.done = what
    this.#timer = setTimeout(() => (this.done = null), NEWS)
  }

  /** For those who do not see it. */
  get news(): string {
    if (!this.done) return ''
    return this.failed ? `The browser does not let ${this.done} be copied.` : `${this.done} copied.`
  }
}
