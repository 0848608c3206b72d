/** The form: what the generation dialog's fields say, and what is wrong with them. */

import { isKnown, isTold, KNOWN, paramName, parseValue, printValue } from '../recipe/params.ts'
import type { Known } from '../recipe/params.ts'
import type { Params } from '../types.ts'
import { parseSeed, printSeed } from './seed.ts'

/** A field's text, and the value that it was filled from. */
export interface Field {
  text: string
  filled: string
  value: unknown
}

export interface Row extends Field {
  /** Tells rows apart while their keys are typed. */
  id: number
  key: string
}

export interface Form {
  fields: Record<Known, Field>
  rows: Row[]
}

/** What is wrong, by field: `prompt`, `row 3`, `row 3 key`, `quality`, `workflow`; the empty name stands for the whole. */
export type Complaints = Record<string, string>

let lastId = 0

/** The fields, filled from a recipe. */
export function formOf(params: Params | null): Form {
  const given = params ?? {}
  const fields = Object.fromEntries(KNOWN.map((key) => [key, fieldOf(given[key], printKnown(key, given[key]))]))
  const rows = Object.keys(given).filter((key) => !isKnown(key) && !isTold(key))
  return { fields: fields as Record<Known, Field>, rows: rows.map((key) => rowOf(key, given[key])) }
}

/** A row for one more parameter. */
export function rowOf(key = '', value: unknown = undefined): Row {
  lastId += 1
  return { id: lastId, key, ...fieldOf(value, printValue(value)) }
}

/** The parameters that the fields ask for, and what is wrong with them. */
export function paramsOf({ fields, rows }: Form): { params: Params; complaints: Complaints } {
  const [params, complaints]: [Params, Complaints] = [{}, {}]
  for (const key of KNOWN) {
    const value = valueOf(key, fields[key])
    if (value === null && fields[key].text !== fields[key].filled) complaints[key] = `${paramName(key)} must be ${MUST[key]}.`
    else if (value !== undefined) params[key] = value
  }
  for (const row of rows) {
    const [key, fault] = [row.key.trim(), faultOf(row, params)]
    if (fault) complaints[`row ${row.id} key`] = fault
    else if (key) params[key] = row.text === row.filled ? row.value : parseValue(row.text)
  }
  return { params, complaints }
}

/** The server's complaints at the fields that they are about. */
export function complaintsOf(errors: { field: string; message: string }[], rows: Row[]): Complaints {
  const complaints: Complaints = {}
  for (const { field, message } of errors) {
    const key = complaintKey(field, rows)
    const words = key === '' && field !== '' ? `${field}: ${message}` : message
    complaints[key] = complaints[key] ? `${complaints[key]} ${words}` : words
  }
  return complaints
}

const MUST: Partial<Record<Known, string>> = { seed: 'a whole number, 0 or more', steps: 'a number', cfg: 'a number' }

function fieldOf(value: unknown, text: string): Field {
  return { text, filled: text, value }
}

function printKnown(key: Known, value: unknown): string {
  if (key === 'seed') return printSeed(value)
  return typeof value === 'string' ? value : printValue(value)
}

/** A field's value: undefined where nothing is asked for, null where its text is no such value. */
function valueOf(key: Known, field: Field): unknown {
  if (field.text === field.filled) return field.value
  if (field.text.trim() === '') return undefined
  if (!MUST[key]) return field.text
  if (key === 'seed') return parseSeed(field.text)
  const number = Number(field.text)
  return Number.isFinite(number) ? number : null
}

function faultOf(row: Row, taken: Params): string | null {
  const key = row.key.trim()
  if (key === '') return row.text.trim() === '' ? null : 'Give it a name, or remove it.'
  if (isKnown(key)) return `${paramName(key)} has a field of its own above.`
  return Object.hasOwn(taken, key) ? `There is a parameter ${key} already.` : null
}

function complaintKey(field: string, rows: Row[]): string {
  const path = field.replace(/^generationParams\.?/, '')
  const isAt = (key: string): boolean => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`)
  const known = KNOWN.find(isAt)
  if (known) return known
  if (field === 'quality' || field === 'workflow') return field
  const row = rows.filter((each) => each.key && isAt(each.key)).sort((a, b) => b.key.length - a.key.length)[0]
  return row ? `row ${row.id}` : ''
}
