/** The clean-up: which takes are to go, the list of them that was shown, and what became of it. */

import { AwayError, cleanUp, errorText, isRefused, planCleanup, type Rules } from '../api.ts'
import type { Purges } from '../data/purges.svelte.ts'
import { plural } from '../format.ts'
import type { CleanupPlan } from '../types.ts'
import { toasts } from '../ui/toasts/toasts.svelte.ts'
import { backWords } from './wording.ts'

export type Rule = keyof Rules
export const RULES: readonly Rule[] = ['deletedAfterDays', 'failedAfterDays', 'keepNewest']

const MOST_DAYS = 36_500
const WRONG: Record<Rule, string> = {
  deletedAfterDays: 'Days must be a number from 0 to 36,500.',
  failedAfterDays: 'Days must be a number from 0 to 36,500.',
  keepNewest: 'It must be a whole number.',
}

const OTHERS = 'Nothing was purged: other takes would go by now. This is the list as it is.'
const UNKNOWN = 'The daemon does not answer. Whether they were purged is not known: look again once it is back.'

export class CleanUp {
  /** Whose rules hold: what is typed, or what the configuration says. */
  rulesFrom = $state<'own' | 'policy'>('own')
  typed = $state<Record<Rule, string>>({ deletedAfterDays: '7', failedAfterDays: '', keepNewest: '' })
  /** What is wrong, by field; the empty name stands for the whole. */
  complaints = $state<Partial<Record<Rule | '', string>>>({})
  doing = $state<'planning' | 'purging' | null>(null)
  /** What would go, and by which rules. */
  planned = $state.raw<{ plan: CleanupPlan; rules: Rules } | null>(null)
  isConfirming = $state(false)
  /** What has gone. */
  done = $state.raw<CleanupPlan | null>(null)
  problem = $state<string | null>(null)
  /** Whether nobody looks any more. */
  #isLeft = false
  #heardBefore = $state(0)

  constructor(
    readonly project: string,
    private readonly purges: Purges,
  ) {}

  /** How many of those that are being purged have gone. */
  get gone(): number {
    return Math.min(this.purges.heard - this.#heardBefore, this.planned?.plan.takes.length ?? 0)
  }

  choose(from: 'own' | 'policy'): void {
    this.rulesFrom = from
    this.forget()
  }

  /** What was shown does not hold any more, since something else is chosen. */
  forget(): void {
    this.planned = this.done = this.problem = null
    this.complaints = {}
    this.isConfirming = false
  }

  /** Show what would go. */
  async plan(): Promise<void> {
    if (this.doing) return
    this.forget()
    const rules = this.rulesFrom === 'policy' ? {} : this.#rules()
    if (rules) await this.#show(rules)
  }

  /** Have just those go that were shown. */
  async purge(): Promise<void> {
    if (this.doing || !this.planned) return
    const { plan, rules } = this.planned
    this.isConfirming = false
    this.problem = null
    this.#heardBefore = this.purges.heard
    this.doing = 'purging'
    try {
      this.done = await cleanUp(this.project, rules, plan.plan)
      this.planned = null
      if (this.#isLeft) toasts.show(doneWords(this.done))
    } catch (error) {
      await this.#refused(error, rules)
    } finally {
      this.doing = null
    }
  }

  /** Nobody looks any more: what becomes of it is told elsewhere. */
  leave(): void {
    this.#isLeft = true
  }

  async #show(rules: Rules): Promise<void> {
    this.doing = 'planning'
    try {
      this.planned = { plan: await planCleanup(this.project, rules), rules }
    } catch (error) {
      this.problem = wordsOf(error)
    } finally {
      this.doing = null
    }
  }

  /** Nothing was purged, or nobody knows; where other takes would go by now, these are shown. */
  async #refused(error: unknown, rules: Rules): Promise<void> {
    this.planned = null
    if (isRefused(error, 409)) {
      await this.#show(rules)
      this.problem ??= OTHERS
    } else {
      this.problem = error instanceof AwayError ? UNKNOWN : wordsOf(error)
    }
    if (this.#isLeft) toasts.show(this.problem, { kind: 'bad' })
  }

  /** The rules that are typed; null where they make no sense. */
  #rules(): Rules | null {
    const rules: Rules = {}
    for (const rule of RULES) {
      const number = Number(this.typed[rule].trim().replace(',', '.'))
      if (!isSensible(rule, number)) this.complaints[rule] = WRONG[rule]
      else if (number > 0) rules[rule] = number
    }
    if (Object.keys(this.complaints).length > 0) return null
    if (Object.keys(rules).length > 0) return rules
    this.complaints[''] = 'Fill in at least one of the three.'
    return null
  }
}

/** `5 takes purged. 48 MB are free again.` */
export function doneWords(plan: CleanupPlan): string {
  if (plan.takes.length === 0) return 'Nothing was purged.'
  const back = backWords(plan).replace(/^up/, 'Up')
  return `${plural(plan.takes.length, 'take')} purged. ${back} are free again.`
}

function isSensible(rule: Rule, number: number): boolean {
  if (!(number >= 0)) return false
  return rule === 'keepNewest' ? Number.isSafeInteger(number) : number <= MOST_DAYS
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) throw error
  return errorText(error)
}
