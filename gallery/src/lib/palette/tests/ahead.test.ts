import { afterEach, expect, test } from 'vitest'
import { beginAhead, hearAhead, takeAhead } from '../ahead.ts'

const key = (name: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key: name, cancelable: true, ...more })

afterEach(() => void takeAhead())

test('what is typed before the palette is there is what it begins with', () => {
  beginAhead()
  const keys = ['b', 'x', 'Backspace', 'o', ' ', 'a', 'Shift', 'Enter'].map((name) => key(name))
  expect(keys.map(hearAhead)).toEqual([true, true, true, true, true, true, false, true])
  expect(keys[0]?.defaultPrevented).toBe(true)
  expect(takeAhead()).toEqual({ text: 'bo a', isDone: true })
})

test('once it is there, and where nobody has asked for it, the keys are not kept', () => {
  beginAhead()
  takeAhead()
  expect(hearAhead(key('a'))).toBe(false)
  expect(takeAhead()).toEqual({ text: '', isDone: false })
})

test('a shortcut is no letter', () => {
  beginAhead()
  expect(hearAhead(key('r', { ctrlKey: true }))).toBe(false)
  expect(takeAhead().text).toBe('')
})
