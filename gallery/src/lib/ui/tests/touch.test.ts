import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchFingers, watchSwipes } from '../touch.ts'

const element = document.createElement('div')
const pinched: [number, number][] = []
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  pinched.length = 0
  stop = watchFingers(element, { onpinchstart: () => undefined, onpinch: (factor, { x }) => pinched.push([factor, x]) })
})

afterEach(() => {
  stop()
  vi.useRealTimers()
})

function finger(type: string, pointerId: number, clientX: number, pointerType = 'touch'): void {
  element.dispatchEvent(new PointerEvent(type, { pointerId, clientX, clientY: 0, pointerType }))
}

test('two fingers that part say how far they have, and what is between them', () => {
  finger('pointerdown', 1, 0)
  finger('pointerdown', 2, 100)
  finger('pointermove', 2, 150)
  finger('pointerup', 2, 150)
  finger('pointermove', 1, 50)
  expect(pinched).toEqual([[1.5, 75]])
})

test('a finger that stays asks for the menu, one that moves or goes does not, nor does a mouse', () => {
  const menus = vi.fn()
  element.addEventListener('contextmenu', menus)
  finger('pointerdown', 1, 0)
  finger('pointermove', 1, 40)
  vi.advanceTimersByTime(1_000)
  finger('pointerup', 1, 40)
  finger('pointerdown', 1, 0)
  finger('pointerup', 1, 0)
  finger('pointerdown', 1, 0, 'mouse')
  vi.advanceTimersByTime(1_000)
  expect(menus).not.toHaveBeenCalled()
  finger('pointerdown', 1, 0)
  vi.advanceTimersByTime(1_000)
  expect(menus).toHaveBeenCalledOnce()
})

test('one finger that goes quickly to a side is a swipe', () => {
  document.body.append(element)
  const swiped: number[] = []
  const end = watchSwipes(element, (direction) => swiped.push(direction))
  const stroke = (across: number, down = 0, more: PointerEventInit = {}): void => {
    const event = { pointerId: 1, pointerType: 'touch', isPrimary: true, ...more }
    element.dispatchEvent(new PointerEvent('pointerdown', { ...event, clientX: 100, clientY: 100 }))
    element.dispatchEvent(new PointerEvent('pointerup', { ...event, clientX: 100 + across, clientY: 100 + down }))
  }
  stroke(-90)
  stroke(90, 10)
  expect(swiped).toEqual([1, -1])
  stroke(40)
  stroke(90, 60)
  stroke(-90, 0, { pointerType: 'mouse' })
  element.style.touchAction = 'none'
  stroke(-90)
  expect(swiped).toHaveLength(2)
  element.remove()
  end()
})
