import { expect, test } from 'vitest'
import type { LogEvent } from '../../types.ts'
import { saidOf } from '../said.ts'

function noted(text: string): LogEvent {
  return { type: 'take.noted', shotId: '001_Gulls', data: { take: 3, text } } as unknown as LogEvent
}

test('a shot is called as everywhere on the page, and its stage is told as it was typed', () => {
  const staged = { type: 'shot.staged', shotId: '01_Harbour:002_The_Far_Light', data: { stage: 'to do' } } as unknown as LogEvent
  expect(saidOf([staged], null)).toBe('002 The Far Light: The shot has the stage “to do”.')
})

test('a sentence ends once, whatever somebody has written in it', () => {
  expect(saidOf([noted('too dark')], '001_Gulls')).toBe('Take 3 has a note: too dark.')
  expect(saidOf([noted('Too dark.')], '001_Gulls')).toBe('Take 3 has a note: Too dark.')
  expect(saidOf([noted('Too dark?')], '001_Gulls')).toBe('Take 3 has a note: Too dark?')
  expect(saidOf([noted('Too dark.'), noted('b')], '001_Gulls')).toBe('Take 3 has a note: Too dark, and 1 more.')
})
