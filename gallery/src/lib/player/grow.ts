/** Motion: a player grows out of the card that it was opened from, and back into it, so that it is seen which one that was. */

import { lasting } from '../ui/motion.ts'

const EASING = 'cubic-bezier(0.2, 0, 0, 1)'

/** For `{@attach}`: have what shows a picture of that ratio begin as large as that card, and where it is. */
export function growFrom(card: Element | null, ratio: number) {
  return (element: HTMLElement): (() => void) => {
    // The window around it opens before the next picture, and not before.
    const frame = requestAnimationFrame(() => {
      const [from, to] = [pictureOf(card), element.getBoundingClientRect()]
      if (from && to.width && lasting()) element.animate({ transform: [moved(to, from, ratio), 'none'] }, { duration: lasting(), easing: EASING })
    })
    return () => cancelAnimationFrame(frame)
  }
}

/** Have what was seen last go back to that card. The window is closed already by then: nothing waits for it. */
export function shrinkTo(card: Element | null, element: HTMLElement | undefined, ratio: number): void {
  const [to, from] = [pictureOf(card), element?.getBoundingClientRect()]
  const seen = element?.querySelector<HTMLVideoElement | HTMLCanvasElement | HTMLImageElement>('video, canvas, img')
  if (!to || !from?.width || !seen || !lasting()) return
  const ghost = document.createElement('canvas')
  const [width, height] = [wide(from, ratio), wide(from, ratio) / ratio]
  Object.assign(ghost, { width, height })
  ghost.getContext('2d')?.drawImage(seen, 0, 0, width, height)
  const [x, y] = middle(from)
  Object.assign(ghost.style, { position: 'fixed', zIndex: '60', left: `${x - width / 2}px`, top: `${y - height / 2}px`, pointerEvents: 'none' })
  document.body.append(ghost)
  const motion = ghost.animate({ transform: ['none', moved(from, to, ratio)] }, { duration: lasting(), easing: EASING })
  motion.onfinish = motion.oncancel = () => ghost.remove()
}

function pictureOf(card: Element | null): DOMRect | null {
  const found = card?.querySelector('img')?.getBoundingClientRect()
  return found?.width ? found : null
}

const wide = ({ width, height }: DOMRect, ratio: number): number => Math.min(width, height * ratio)
const middle = ({ left, top, width, height }: DOMRect): [number, number] => [left + width / 2, top + height / 2]

/** What has a picture that is in one place seem to be in another. */
function moved(from: DOMRect, to: DOMRect, ratio: number): string {
  const [[x, y], [toX, toY]] = [middle(from), middle(to)]
  return `translate(${toX - x}px, ${toY - y}px) scale(${wide(to, ratio) / wide(from, ratio)})`
}
