import { expect, test } from 'vitest'
import { codecWords, filmWords, shotWords } from '../format.ts'

test('films, shots and codecs are called as people call them', () => {
  expect(filmWords('The_Crossing')).toBe('The Crossing')
  expect(filmWords('_')).toBe('_')
  expect(shotWords('002_Mara_Ties_The_Boat')).toBe('002 Mara Ties The Boat')
  expect(shotWords('Opening')).toBe('Opening')
  expect([codecWords('prores'), codecWords('h264'), codecWords('xyz')]).toEqual(['ProRes', 'H.264', 'xyz'])
})
