/** The look: how closely a picture is looked at, at which part of it, and which way round. */

import { clamp } from '../clamp.ts'
import type { Point } from '../ui/touch.ts'

/** How much larger or smaller it is after one step. */
const STEP = 1.25
const LIMITS = [1 / 8, 32] as const

/** Pixels of the picture that are seen however far it is moved. */
const EDGE = 40

export class Look {
  /** Times the size at which all of it is seen. */
  zoom = $state(1)
  /** How far its middle is from the middle of the window, in pixels. */
  x = $state(0)
  y = $state(0)
  isFit = $state(true)
  isMirrored = $state(false)
  hasGuides = $state(false)
  /** The zoom at which a pixel of the picture is one of the screen. */
  one = $state(1)
  /** Pixels of the window, and of the picture where all of it is seen. */
  #window: Size = { width: 0, height: 0 }
  #whole: Size = { width: 0, height: 0 }

  /** How large the window is, and the picture: `ratio` is its width by its height, `pixels` its own width. */
  measure(window: Size, ratio: number, pixels: number | null): void {
    const width = Math.min(window.width, window.height * ratio)
    this.#window = window
    this.#whole = { width, height: width / ratio }
    this.one = pixels && width > 0 ? pixels / devicePixelRatio / width : 1
  }

  fit(): void {
    this.isFit = true
    this.zoom = 1
    this.x = this.y = 0
  }

  /** All of it, or its pixels one to one. */
  toggle(): void {
    if (this.isFit) this.zoomTo(this.one)
    else this.fit()
  }

  /** Larger or smaller, about a point that is so far from the middle of the window. */
  step(direction: 1 | -1, x = 0, y = 0): void {
    this.zoomTo(this.zoom * STEP ** direction, x, y)
  }

  zoomTo(zoom: number, x = 0, y = 0): void {
    const next = clamp(zoom, ...LIMITS)
    const factor = next / this.zoom
    this.zoom = next
    this.isFit = false
    this.moveTo(x - (x - this.x) * factor, y - (y - this.y) * factor)
  }

  /** So large, and what was at one place now at the other, both from the middle of the window; never smaller than all of it. */
  stretchTo(zoom: number, from: Point, to: Point): void {
    if (zoom <= 1) return this.fit()
    this.moveTo(this.x + to.x - from.x, this.y + to.y - from.y)
    this.zoomTo(zoom, to.x, to.y)
  }

  moveTo(x: number, y: number): void {
    const most = (window: number, whole: number): number => Math.max(0, (window + whole * this.zoom) / 2 - EDGE)
    const across = most(this.#window.width, this.#whole.width)
    const down = most(this.#window.height, this.#whole.height)
    this.x = clamp(x, -across, across)
    this.y = clamp(y, -down, down)
  }
}

interface Size {
  width: number
  height: number
}

/** What its keys do in every view that has a look. */
export function lookKeys(look: Look) {
  return {
    size: () => look.toggle(),
    larger: () => look.step(1),
    smaller: () => look.step(-1),
    mirror: () => (look.isMirrored = !look.isMirrored),
    guides: () => (look.hasGuides = !look.hasGuides),
  }
}
