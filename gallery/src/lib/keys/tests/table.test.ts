import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { isKeyOf, press } from '../press.ts'
import { capsOf, KEYS, type View } from '../table.ts'

const GUIDE = '../docs/gallery.md'
const VIEWS = Object.keys(KEYS) as View[]

/** A table of the guide: the keys of a view. */
function inWords(view: View): string {
  const { title, rows } = KEYS[view]
  const lines = Object.values(rows).map(([keys, does]) => `| ${capsOf(keys).map(cap).join(' ')} | ${does} |`)
  return [`### ${title}`, '', '| key | what it does |', '|---|---|', ...lines].join('\n')
}

const cap = (key: string): string => `<kbd>${key}</kbd>`

test('the guide lists the keys as the table has them; `npm test -- -u` writes them there', async () => {
  const guide = await readFile(GUIDE, 'utf-8')
  const section = /(?<=## Keys\n\n[^#]*)###.*?(?=\n## |$)/s
  expect(guide).toMatch(section)
  const fresh = guide.replace(section, () => `${VIEWS.map(inWords).join('\n\n')}\n`)
  await expect(fresh).toMatchFileSnapshot(`../../../../${GUIDE}`)
})

test.each(VIEWS)('no key of the view %s stands for two things', (view) => {
  const keys = Object.values(KEYS[view].rows).flatMap(([keys]) => keys.split(' '))
  expect(new Set(keys).size).toBe(keys.length)
})

function key(key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  return new KeyboardEvent('keydown', { key, cancelable: true, ...more })
}

test('a key is known by its name, whether a letter is large or small', () => {
  expect(isKeyOf(key('N'), 'page')).toBe(true)
  expect(isKeyOf(key('?', { shiftKey: true }), 'page')).toBe(true)
  expect(isKeyOf(key(' '), 'takes')).toBe(true)
  expect(isKeyOf(key('q'), 'page')).toBe(false)
})

test('Control, Command and Shift make it another key', () => {
  expect(isKeyOf(key('z', { ctrlKey: true }), 'page')).toBe(true)
  expect(isKeyOf(key('z', { metaKey: true }), 'page')).toBe(true)
  expect(isKeyOf(key('a', { ctrlKey: true, shiftKey: true }), 'takes')).toBe(false)
  expect(isKeyOf(key('n', { ctrlKey: true }), 'page')).toBe(false)
})

test('what is pressed is done and let go no further; what does not apply is left alone', () => {
  const done: string[] = []
  const actions = { help: () => done.push('help'), close: undefined }
  const [help, close] = [key('?'), key('Escape')]
  expect(press(help, 'window', actions)).toBe(true)
  expect(press(close, 'window', actions)).toBe(false)
  expect(done).toEqual(['help'])
  expect([help.defaultPrevented, close.defaultPrevented]).toEqual([true, false])
})
