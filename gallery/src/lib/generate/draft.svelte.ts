/** The draft: what is typed into the generation dialog until it is sent, and what was found wrong with it. */

import { AwayError, errorText, ProblemError } from '../api.ts'
import { roll } from '../film/roll.ts'
import type { Params, Quality, Take } from '../types.ts'
import { complaintsOf, paramsOf, formOf, rowOf } from './form.ts'
import type { Complaints, Form } from './form.ts'
import { firstChoice } from './seed.ts'
import type { SeedChoice } from './seed.ts'

export class Draft {
  form = $state<Form>(formOf(null))
  quality = $state<Quality>('standard')
  /** The workflow for this take alone; empty for the one of its shot, its film or the configuration. */
  workflow = $state('')
  seedChoice = $state<SeedChoice>('own')
  complaints = $state<Complaints>({})
  isSending = $state(false)
  /** Whether there is a seed to do again. */
  readonly hasSeed: boolean

  constructor(from: Take | null) {
    const params = from?.generationParams ?? null
    this.form = formOf(params)
    this.quality = from?.resources.quality ?? 'standard'
    this.workflow = from?.workflow?.chosenFor === 'take' ? from.workflow.path : ''
    this.hasSeed = firstChoice(params?.['seed']) === 'random'
    if (this.hasSeed) this.chooseSeed('random')
  }

  /** The seed of before, or a new one; what is typed stays. */
  chooseSeed(choice: SeedChoice): void {
    const { seed } = this.form.fields
    this.seedChoice = choice
    if (choice === 'again') seed.text = seed.filled
    if (choice === 'random') seed.text = String(roll())
  }

  addRow(): void {
    this.form.rows.push(rowOf())
  }

  removeRow(id: number): void {
    this.form.rows = this.form.rows.filter((row) => row.id !== id)
  }

  /** Send it; what is refused is kept as it is, with what is wrong beside it. */
  async send(ask: (params: Params, quality: Quality, workflow: string | null) => Promise<void>): Promise<void> {
    if (this.isSending) return
    const { params, complaints } = paramsOf($state.snapshot(this.form) as Form)
    this.complaints = complaints
    if (Object.keys(complaints).length > 0) return
    this.isSending = true
    try {
      await ask(params, this.quality, this.workflow.trim() || null)
    } catch (error) {
      this.complaints = this.#told(error)
    } finally {
      this.isSending = false
    }
  }

  #told(error: unknown): Complaints {
    if (error instanceof ProblemError) {
      const { errors = [] } = error.problem
      return errors.length > 0 ? complaintsOf(errors, this.form.rows) : { '': errorText(error) }
    }
    const away = 'The daemon does not answer. What you typed is kept: start it, and send again.'
    return { '': error instanceof AwayError ? away : String(error instanceof Error ? error.message : error) }
  }
}
