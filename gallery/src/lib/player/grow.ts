/** Motion: a player grows out of the card that it was opened from, so that it is seen which one that was. */

/** Milliseconds. */
const LASTS = 160

/** For `{@attach}`: have what shows a picture of that ratio begin as large as that card, and where it is. */
export function growFrom(card: Element | null, ratio: number) {
  return (element: HTMLElement): (() => void) => {
    // The window around it opens before the next picture, and not before.
    const frame = requestAnimationFrame(() => grow(element, card?.querySelector('img')?.getBoundingClientRect(), ratio))
    return () => cancelAnimationFrame(frame)
  }
}

function grow(element: HTMLElement, picture: DOMRect | undefined, ratio: number): void {
  const place = element.getBoundingClientRect()
  if (!picture?.width || !place.width || matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const wide = ({ width, height }: DOMRect): number => Math.min(width, height * ratio)
  const middle = ({ left, top, width, height }: DOMRect): [number, number] => [left + width / 2, top + height / 2]
  const [[x, y], [toX, toY]] = [middle(picture), middle(place)]
  const from = `translate(${x - toX}px, ${y - toY}px) scale(${wide(picture) / wide(place)})`
  element.animate({ transform: [from, 'none'] }, { duration: LASTS, easing: 'cubic-bezier(0.2, 0, 0, 1)' })
}
