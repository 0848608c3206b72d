/** Full screen: one element over the whole screen, and back. */

export class FullScreen {
  isOn = $state(false)
  #element: HTMLElement | undefined

  /** For `{@attach}`: the element that is to fill the screen. */
  hold = (element: HTMLElement): (() => void) => {
    const look = (): void => {
      this.isOn = document.fullscreenElement === element
    }
    this.#element = element
    element.addEventListener('fullscreenchange', look)
    return () => element.removeEventListener('fullscreenchange', look)
  }

  /** A browser that refuses leaves things as they are. */
  toggle = (): void => {
    const change = this.isOn ? document.exitFullscreen() : this.#element?.requestFullscreen()
    change?.catch(() => undefined)
  }
}
