import { expect, test } from 'vitest'
import { compareWords } from '../word-diff.ts'
import type { Piece } from '../word-diff.ts'

const marked = (pieces: Piece[]): string => pieces.map(({ text, differs }) => (differs ? `[${text}]` : text)).join('')
const joined = (pieces: Piece[]): string => pieces.map(({ text }) => text).join('')

test('a word that only one text has is marked there', () => {
  const { left, right } = compareWords('gulls over the pier, soft fog', 'gulls over the harbour, soft fog at dawn')
  expect(marked(left)).toBe('gulls over the [pier], soft fog')
  expect(marked(right)).toBe('gulls over the [harbour], soft fog [at dawn]')
})

test('the pieces of a text give that text again', () => {
  const texts = ['  a  b\n\nc ', 'b c, d', '', 'c', '海の上のカモメ 🌊 fog'] as const
  for (const one of texts) {
    for (const other of texts) {
      expect(joined(compareWords(one, other).left)).toBe(one)
      expect(joined(compareWords(one, other).right)).toBe(other)
    }
  }
})

test('white space alone is no difference', () => {
  const { left, right } = compareWords('soft fog', 'soft\n  fog')
  expect([...left, ...right].some(({ differs }) => differs)).toBe(false)
})

test('texts with nothing in common differ as a whole, however long they are', () => {
  const [left, right] = ['a '.repeat(5_000).trim(), 'b '.repeat(5_000).trim()]
  const found = compareWords(left, right)
  expect(found.left).toEqual([{ text: left, differs: true }])
  expect(found.right).toEqual([{ text: right, differs: true }])
})
