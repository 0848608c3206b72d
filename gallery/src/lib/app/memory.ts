/** What the browser remembers of the page, from one visit to the next. */

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`takes.${key}`)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`takes.${key}`, value)
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}
