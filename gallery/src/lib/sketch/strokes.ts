/** Strokes: what is drawn on a frame, as it lies on a picture of any size. */

import { clamp } from '../clamp.ts'
import type { Stroke } from '../types.ts'

export const KINDS = [
  { id: 'pen', name: 'Pen' },
  { id: 'arrow', name: 'Arrow' },
  { id: 'text', name: 'Text' },
] as const

export const COLOURS = ['yellow', 'red', 'green', 'blue', 'white'] as const

export type Kind = Stroke['kind']
export type Colour = (typeof COLOURS)[number]
export type Point = readonly [x: number, y: number]

/** What the daemon keeps of a drawing at most. */
export const MOST = { strokes: 64, points: 2_000, words: 200 } as const

/** How high a picture is that is drawn on; its width goes with its shape. */
export const HEIGHT = 1000

/** A pen that has moved less than this, in shares of the picture, has not moved. */
const LEAST = 0.003

/** How long the head of an arrow is, and how wide. */
const HEAD = [44, 20] as const

/** The points, in units of a picture that is so wide and `HEIGHT` high. */
export function placed({ points }: Stroke, width: number): Point[] {
  const found: Point[] = []
  for (let index = 0; index + 1 < points.length; index += 2) {
    found.push([(points[index] ?? 0) * width, (points[index + 1] ?? 0) * HEIGHT])
  }
  return found
}

/** The way of a pen or an arrow, as a path of SVG. */
export function pathOf(stroke: Stroke, width: number): string {
  const points = placed(stroke, width)
  const way = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
  const [from, to] = points
  return stroke.kind === 'arrow' && from && to ? way + headOf(from, to) : way
}

function headOf(from: Point, [x, y]: Point): string {
  const length = Math.hypot(x - from[0], y - from[1]) || 1
  const [along, across] = [(x - from[0]) / length, (y - from[1]) / length]
  const [long, wide] = HEAD
  const ends = [1, -1].map((side) => [x - along * long - across * wide * side, y - across * long + along * wide * side] as const)
  return ends.map(([endX, endY]) => `M${round(endX)} ${round(endY)}L${round(x)} ${round(y)}`).join('')
}

/** A point of a box on the screen, as shares of it. */
export function shareOf(box: DOMRect, clientX: number, clientY: number): Point {
  const share = (at: number, from: number, size: number): number => clamp(Math.round(((at - from) / size) * 1e4) / 1e4, 0, 1)
  return [share(clientX, box.left, box.width), share(clientY, box.top, box.height)]
}

/** The stroke with one more point, or with its end moved there. */
export function drawnTo(stroke: Stroke, [x, y]: Point): Stroke {
  const { kind, points } = stroke
  if (kind === 'arrow') return { ...stroke, points: [...points.slice(0, 2), x, y] }
  const [lastX = 0, lastY = 0] = points.slice(-2)
  return Math.hypot(x - lastX, y - lastY) < LEAST ? stroke : { ...stroke, points: [...points, x, y] }
}

/** Whether a stroke has become one: a pen or an arrow has gone somewhere, a text says something. */
export function isDone({ kind, points, text }: Stroke): boolean {
  return kind === 'text' ? Boolean(text?.trim()) : points.length >= 4
}

/** Whether there is room for more. */
export function hasRoom(strokes: readonly Stroke[]): boolean {
  const points = strokes.reduce((sum, stroke) => sum + stroke.points.length / 2, 0)
  return strokes.length < MOST.strokes && points < MOST.points
}

const round = (number: number): number => Math.round(number * 10) / 10
