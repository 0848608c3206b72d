/**
 * Parameters: the recipe of a take as texts that can be edited.
 *
 * What is not edited keeps the very value that it had, of whatever kind.
 */

import { parseJson, printJson } from '../json.ts'
import type { Params } from '../types.ts'

/** The parameters that have a field of their own in the dialog, in its order. */
export const KNOWN = ['prompt', 'negativePrompt', 'model', 'seed', 'steps', 'cfg'] as const
export type Known = (typeof KNOWN)[number]

const NAMES: Record<string, string> = {
  prompt: 'Prompt',
  negativePrompt: 'Negative prompt',
  model: 'Model',
  seed: 'Seed',
  steps: 'Steps',
  cfg: 'CFG',
}

/** What people call a parameter. */
export function paramName(key: string): string {
  return NAMES[key] ?? key
}

export function isKnown(key: string): key is Known {
  return (KNOWN as readonly string[]).includes(key)
}

/** A value as one text, from which `parseValue` makes the same value again. */
export function printValue(value: unknown, indent = 0): string {
  if (typeof value !== 'string') return value === undefined ? '' : printJson(value, indent)
  return value.trim() === value && parseValue(value) === value ? value : printJson(value)
}

/** The value of a text: what it is as JSON (a number, true or false, a list…), or else the text itself. */
export function parseValue(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return text.trim()
  }
}

/** What kind of value a text stands for, in a word. */
export function kindOf(value: unknown): 'number' | 'text' | 'yes/no' | 'list' | 'JSON' | 'nothing' {
  if (value === null || value === undefined || value === '') return 'nothing'
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number' || typeof value === 'bigint') return 'number'
  if (typeof value === 'boolean') return 'yes/no'
  return Array.isArray(value) ? 'list' : 'JSON'
}

/** Up to so many characters, nested values are read in one line. */
const SHORT = 48

/** A value as people read it: texts without quotes, what is nested over several lines. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value
  const line = printValue(value)
  return line.length > SHORT ? printValue(value, 2) : line
}

/** What is told of one file, and of that what stands beside the others or is not for people. */
const TOLD = ['nodes', 'unsure', 'graph', 'literals', 'stages', 'inputs', 'claims']
const UNSHOWN = ['nodes', 'unsure', 'graph']

/** Whether a parameter tells how one file came about, and can be asked of no other. */
export function isTold(key: string): boolean {
  return TOLD.includes(key)
}

/** Which node a parameter comes from, and whether that is not sure; empty where nobody knows. */
export function hintOf(key: string, recipe: Params): string {
  const { nodes, unsure } = recipe as { nodes?: unknown; unsure?: unknown }
  const node = isObject(nodes) ? nodes[key] : undefined
  if (typeof node !== 'string') return ''
  return Array.isArray(unsure) && unsure.includes(key) ? `From node ${node}, not sure` : `From node ${node}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The keys of one or more recipes that a person reads. */
export function shownKeysOf(...recipes: (Params | null)[]): string[] {
  return keysOf(...recipes).filter((key) => !UNSHOWN.includes(key))
}

/** The keys of one or more recipes: those with a field of their own first, then the others as they come. */
export function keysOf(...recipes: (Params | null)[]): string[] {
  const present = new Set(recipes.flatMap((recipe) => Object.keys(recipe ?? {})))
  const first = KNOWN.filter((key) => present.delete(key))
  return [...first, ...present]
}
