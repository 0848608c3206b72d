/** The place in a take's recipe where the words were found. */

import { printJson } from '../json.ts'
import type { Take } from '../types.ts'
import { firstLine } from './names.ts'
import type { Part } from './parts.ts'

const BEFORE = 18

/** The first text of the recipe that has one of the words in it, from shortly before that word on, in parts. */
export function excerpt(take: Take, words: readonly string[]): Part[] {
  const wanted = words.map((word) => word.toLowerCase())
  const texts = Object.entries(take.generationParams ?? {}).map(([name, value]) => textOf(name, value))
  const text = texts.find((one) => wanted.some((word) => one.toLowerCase().includes(word))) ?? firstLine(take) ?? ''
  return marked(text.replaceAll(/\s+/g, ' '), wanted)
}

function textOf(name: string, value: unknown): string {
  if (name === 'prompt' && typeof value === 'string') return value
  return `${name}: ${typeof value === 'string' ? value : printJson(value)}`
}

function marked(text: string, wanted: readonly string[]): Part[] {
  const pattern = wanted.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|')
  if (!pattern) return [{ text, isMarked: false }]
  const first = text.search(new RegExp(pattern, 'i'))
  const from = first > BEFORE ? text.lastIndexOf(' ', first - BEFORE) + 1 : 0
  const cut = from ? `…${text.slice(from)}` : text
  const parts = cut.split(new RegExp(`(${pattern})`, 'gi'))
  return parts.map((part, index) => ({ text: part, isMarked: index % 2 === 1 })).filter((part) => part.text)
}
