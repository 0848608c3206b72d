/** The announcer: what is said to those who hear the page: takes that have arrived, and what was done. */

import { takeOf } from '../data/events.ts'
import { plural } from '../format.ts'
import type { LogEvent } from '../types.ts'

/** Milliseconds in which news are gathered into one sentence. */
const GATHER = 400

export class Announcer {
  message = $state('')

  #complete: number[] = []
  #failed: number[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  say(message: string): void {
    this.message = message
  }

  hear(event: LogEvent): void {
    const number = takeOf(event)
    if (number === null) return
    if (event.type === 'take.completed') this.#complete.push(number)
    else if (event.type === 'take.failed') this.#failed.push(number)
    else return
    this.#timer ??= setTimeout(() => this.#tell(), GATHER)
  }

  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#complete = []
    this.#failed = []
  }

  #tell(): void {
    const sentences = [sentence(this.#complete, 'complete'), sentence(this.#failed, 'failed')]
    this.forget()
    this.say(sentences.filter(Boolean).join(' '))
  }
}

function sentence(numbers: readonly number[], what: string): string | null {
  if (numbers.length === 0) return null
  return numbers.length === 1 ? `Take ${numbers[0]} ${what}.` : `${plural(numbers.length, 'take')} ${what}.`
}
