import { expect, test } from 'vitest'
import { Look } from '../look.svelte.ts'

function seen(): Look {
  const look = new Look()
  look.measure({ width: 800, height: 600 }, 16 / 9, 1600)
  return look
}

test('one to one is as large as its pixels are, and all of it again afterwards', () => {
  const look = seen()
  look.toggle()
  expect([look.zoom, look.isFit]).toEqual([2, false])
  look.toggle()
  expect([look.zoom, look.x, look.isFit]).toEqual([1, 0, true])
})

test('what is under the pointer stays there while it grows', () => {
  const look = seen()
  look.zoomTo(2, 100, -50)
  expect([look.x, look.y]).toEqual([-100, 50])
  look.zoomTo(1, 100, -50)
  expect([look.x, look.y]).toEqual([0, 0])
})

test('it is never moved out of sight, and has its limits', () => {
  const look = seen()
  look.moveTo(10_000, -10_000)
  expect([look.x, look.y]).toEqual([760, -(600 + 450) / 2 + 40])
  for (let times = 0; times < 40; times += 1) look.step(1)
  expect(look.zoom).toBe(32)
})

test('what two fingers hold stays between them while it grows, and it is all seen again once it is no larger', () => {
  const look = seen()
  look.stretchTo(2, { x: 100, y: -50 }, { x: 120, y: -50 })
  expect([look.zoom, look.x, look.y]).toEqual([2, -80, 50])
  look.stretchTo(0.9, { x: 0, y: 0 }, { x: 0, y: 0 })
  expect([look.zoom, look.x, look.y, look.isFit]).toEqual([1, 0, 0, true])
})
