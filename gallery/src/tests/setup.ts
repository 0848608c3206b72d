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

beforeEach(() => {
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
