import '@testing-library/jest-dom/vitest'
import { afterEach, beforeEach, vi } from 'vitest'
import { prefs } from '../lib/app/prefs.svelte.ts'
import { toasts } from '../lib/ui/toasts/toasts.svelte.ts'

/** A window of a fixed size: a test environment draws nothing, so nothing there has one. */
class StillObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

const { animate } = Element.prototype

/** A browser takes it for heard that a motion is cancelled (Web Animations, "cancel an animation"); happy-dom does not. */
function animateAsABrowser(this: Element, ...given: Parameters<typeof animate>): Animation {
  const motion = animate.apply(this, given)
  motion.finished.catch(() => undefined)
  return motion
}

beforeEach(() => {
  vi.spyOn(Element.prototype, 'animate').mockImplementation(animateAsABrowser)
  vi.stubGlobal('ResizeObserver', StillObserver)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(700)
})

afterEach(() => {
  localStorage.clear()
  prefs.order = 'newest'
  toasts.clear()
  history.replaceState(null, '', '#/')
})
