/** Media elements that can be played without a decoder: their time goes on as the tests say. */

/** Let an element have a length, and be ready. */
export function load(element: HTMLMediaElement, duration: number): void {
  const known = { duration, readyState: 4, seeking: false, currentTime: element.currentTime || 0, videoWidth: 640 }
  for (const [name, value] of Object.entries(known)) {
    Object.defineProperty(element, name, { value, writable: true, configurable: true })
  }
  element.dispatchEvent(new Event('loadedmetadata'))
}

export function video(duration: number): HTMLVideoElement {
  const element = document.createElement('video')
  load(element, duration)
  return element
}

/** One frame of the window. */
export function frame(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => done()))
}
