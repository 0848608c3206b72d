import { expect, test } from 'vitest'
import type { LogEvent } from '../../types.ts'
import { textOf } from '../notices.ts'

const event = (type: LogEvent['type'], take: number): LogEvent => ({ type, shotId: 'a', data: { type, take } }) as unknown as LogEvent

test('a notice says which take is ready, or how many', () => {
  expect(textOf([event('take.completed', 3)])).toBe('Take 3 ready')
  expect(textOf([event('take.failed', 3)])).toBe('Take 3 failed')
  expect(textOf([event('take.completed', 3), event('take.failed', 4), event('take.completed', 5)])).toBe('2 takes ready, 1 take failed')
})
