import { describe, expect, test } from 'vitest'
import { filmstripUrl, takeUrl, thumbnailSet, thumbnailUrl } from '../lib/api.ts'
import { hashOf, placeOf } from '../lib/app/route.svelte.ts'
import { Selection } from '../lib/app/selection.svelte.ts'
import { coalesced } from '../lib/data/coalesce.ts'
import { buildTree, shotsInOrder, shotsNamed } from '../lib/film/tree.ts'
import * as format from '../lib/format.ts'
import { cellAfter } from '../lib/grid/moves.ts'
import { excerpt } from '../lib/film/excerpt.ts'
import { sheetOf } from '../lib/overview/contact-sheet.ts'
import { fixedLayout, gridLayout, listLayout } from '../lib/windowed/layout.ts'
import { aShot, aTake } from './samples.ts'

describe('words and numbers', () => {
  test('bytes are told in the unit that fits', () => {
    expect([0, 999, 1_000, 1_234_567, 99_960_000, 5e9].map(format.bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.2 MB',
      '100 MB',
      '5.0 GB',
    ])
  })

  test('times are told as seconds, then as a clock', () => {
    expect([0.5, 59.9, 60, 75.4, 3661].map(format.seconds)).toEqual(['0.5 s', '59.9 s', '1:00', '1:15', '1:01:01'])
    expect([0.4, 1, 75].map(format.spokenSeconds)).toEqual(['1 second', '1 second', '1 minute 15 seconds'])
  })

  test('a moment of today is a time, one of long ago a date', () => {
    const now = new Date('2024-03-05T18:00:00')
    expect(format.date('2024-03-05T14:05:00', now)).toBe('14:05')
    expect(format.date('2024-02-01T14:05:00', now)).toBe('1 Feb 14:05')
    expect(format.date('2022-02-01T14:05:00', now)).toBe('1 Feb 2022')
  })

  test('how long ago something was is told as people tell it', () => {
    const now = new Date('2024-03-05T18:00:00')
    const told = ['17:59:50', '17:55', '17:00', '09:10', '00:10'].map((time) => format.ago(`2024-03-05T${time}`, now))
    expect(told).toEqual(['now', '5 min ago', '1 h ago', '9 h ago', '18 h ago'])
    const days = ['2024-03-04T23:00', '2024-03-03T12:00', '2024-02-27T12:00', '2024-03-06T12:00']
    expect(days.map((day) => format.ago(day, now))).toEqual(['yesterday', '2 days ago', '1 week ago', '6 Mar 12:00'])
    const old = ['2024-02-10', '2024-02-04', '2023-03-10', '2023-03-05', '2020-01-01'].map((day) => format.ago(`${day}T12:00`, now))
    expect(old).toEqual(['3 weeks ago', '1 month ago', '12 months ago', '1 year ago', '4 years ago'])
    expect(format.ago('2024-03-05T00:30', new Date('2024-03-05T01:00'))).toBe('30 min ago')
    expect(format.ago('2024-03-04T23:00', new Date('2024-03-05T01:00'))).toBe('2 h ago')
  })

  test('a folder is called by its words', () => {
    expect(format.folderWords('001_Gulls_Over_The_Pier')).toEqual({ number: '001', words: 'Gulls Over The Pier' })
    expect(format.folderWords('Titles')).toEqual({ number: null, words: 'Titles' })
    expect(format.folderWords('007')).toEqual({ number: null, words: '007' })
  })
})

describe('addresses', () => {
  test('a place and its address say the same', () => {
    const place = { project: 'my film', shot: '01 A:002_B?#%', query: null, take: 'take_003', asOf: null }
    expect(placeOf(hashOf(place))).toEqual(place)
    const then = { project: 'myfilm', shot: null, query: 'seed:7 é', take: 'a:b/take_001', asOf: 4711 }
    for (const one of [then, { ...then, query: null, take: null }, { ...place, asOf: 0 }]) expect(placeOf(hashOf(one))).toEqual(one)
    const nowhere = { shot: null, query: null, take: null, asOf: null }
    expect(placeOf('#/p/myfilm?asOf=soon')).toEqual({ project: 'myfilm', ...nowhere })
    expect(placeOf('#/nonsense')).toEqual({ project: null, ...nowhere })
  })

  test('an id with slashes and questions stays one part of an address', () => {
    expect(takeUrl('a/b', '01:02?', 'take_001', '/media')).toBe('/api/projects/a%2Fb/shots/01:02%3F/takes/take_001/media')
  })

  test('a picture has its sizes, a filmstrip only what moves', () => {
    const take = aTake(3)
    expect(thumbnailUrl(take, 320)).toMatch(/thumbnail\?size=320$/)
    expect(thumbnailSet(take, [160, 320])).toMatch(/size=160 160w, .*size=320 320w$/)
    expect(filmstripUrl(take)).toMatch(/take_003\/filmstrip$/)
    expect(filmstripUrl({ ...take, media: { ...take.media!, kind: 'image' } })).toBeNull()
  })
})

describe('the order of a film', () => {
  test('numbers count as numbers', () => {
    const shots = ['2_B/10_Y', '10_C/1_Z', '2_B/9_X', '1_A'].map((path) => aShot(path))
    expect(shotsInOrder(buildTree(shots)).map((shot) => shot.path)).toEqual(['1_A', '2_B/9_X', '2_B/10_Y', '10_C/1_Z'])
  })

  test('a shot is found by words from anywhere in its path', () => {
    const shots = ['01_The_Harbour/001_Gulls', '01_The_Harbour/002_Boat', '02_Sea/001_Gulls'].map((path) => aShot(path))
    expect(shotsNamed(shots, 'harbour GULL').map((shot) => shot.path)).toEqual(['01_The_Harbour/001_Gulls'])
  })
})

describe('where things are', () => {
  test('a grid draws whole rows near the window', () => {
    const grid = gridLayout(100, { width: 1000, padding: 0, gap: 0, least: 250, caption: 59 })
    expect(grid.columns).toBe(4)
    expect(grid.box(5)).toEqual({ x: 250, y: 200, width: 250, height: 200 })
    expect(grid.between(450, 850)).toEqual({ first: 8, end: 20 })
    expect(grid.between(-900, -500)).toEqual({ first: 0, end: 0 })
    expect(grid.between(90_000, 99_000)).toEqual({ first: 100, end: 100 })
  })

  test('a list draws the rows near the window', () => {
    expect(listLayout(10_000, 300, 36).between(3_600, 3_672)).toEqual({ first: 100, end: 102 })
  })

  test('boxes of many heights are found by where they lie', () => {
    const boxes = [0, 10, 40, 90].map((y, index) => ({ x: 0, y, width: 1, height: [10, 30, 50, 10][index] ?? 0 }))
    expect(fixedLayout(boxes, 100).between(12, 41)).toEqual({ first: 1, end: 3 })
  })

  test('on a contact sheet a scene begins a new row', () => {
    const sheet = sheetOf(buildTree(['1_A/1_X', '1_A/2_Y', '2_B/1_Z'].map((path) => aShot(path))), 1000, 220)
    expect(sheet.entries.map((entry) => entry.key)).toEqual(['1_A', '1_A/1_X', '1_A/2_Y', '2_B', '2_B/1_Z'])
    const [, x, y, b, z] = sheet.entries.map((_, index) => sheet.box(index).y)
    expect(x).toBe(y)
    expect(b).toBeGreaterThan(y!)
    expect(z).toBeGreaterThan(b!)
  })

  test('until a size is chosen, scenes of few shots have the width of a large screen', () => {
    const few = buildTree(['1_A/1_X', '1_A/2_Y', '1_A/3_Z', '1_A/4_Q'].map((path) => aShot(path)))
    expect(sheetOf(few, 2270, 320, false).columns).toBe(4)
    expect(sheetOf(few, 2270, 320, true).columns).toBe(6)
    expect(sheetOf(few, 1150, 220, false).columns).toBe(4)
    expect(sheetOf(few.slice(0, 0), 1150, 220, false).columns).toBe(3)
  })

  test('the last row may be short, and down still leads there', () => {
    expect(cellAfter('ArrowDown', 3, 6, 4, 2)).toBe(5)
    expect(cellAfter('ArrowDown', 5, 6, 4, 2)).toBe(5)
    expect(cellAfter('PageUp', 5, 6, 4, 2)).toBe(1)
    expect(cellAfter('x', 5, 6, 4, 2)).toBeNull()
  })
})

describe('selecting', () => {
  test('of a take that is taken out, another selected one becomes the current one', () => {
    const selection = new Selection()
    selection.only('a')
    selection.toggle('b')
    selection.toggle('b')
    expect(selection.current).toBe('a')
  })

  test('what has gone leaves the selection, and its neighbour takes over', () => {
    const selection = new Selection()
    selection.only('c')
    selection.keepWithin(['a', 'b'], ['a', 'b', 'c'])
    expect(selection.current).toBe('b')
    selection.keepWithin([], ['a', 'b'])
    expect(selection.current).toBeNull()
  })
})

describe('one at a time', () => {
  test('what is asked for meanwhile is done once, afterwards', async () => {
    let runs = 0
    const run = coalesced(async () => {
      runs += 1
      await Promise.resolve()
    })
    await Promise.all([run(), run(), run()])
    expect(runs).toBe(2)
  })

  test('a run that fails does not stop the next one', async () => {
    let runs = 0
    const run = coalesced(async () => {
      runs += 1
      if (runs === 1) throw new Error('first')
    })
    await expect(run()).rejects.toThrow('first')
    await run()
    expect(runs).toBe(2)
  })
})

describe('an excerpt', () => {
  test('it begins shortly before what was found, and marks it', () => {
    const take = aTake(1, { generationParams: { prompt: 'a very long way before the gulls come at last' } })
    const parts = excerpt(take, ['GULLS'])
    expect(parts.find((part) => part.isMarked)?.text).toBe('gulls')
    expect(parts[0]?.text).toBe('…long way before the ')
  })

  test('what is typed is text and no pattern', () => {
    const take = aTake(1, { generationParams: { prompt: 'a (b) [c]' } })
    expect(excerpt(take, ['(b)']).find((part) => part.isMarked)?.text).toBe('(b)')
  })
})
