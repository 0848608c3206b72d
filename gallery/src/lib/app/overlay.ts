/** What lies over the page. */
export type Overlay =
  /** At the frame, where one is given. */
  | { kind: 'player'; take: string; frame?: number }
  | { kind: 'compare'; takes: readonly string[] }
  | { kind: 'generate' | 'reel' | 'help' | 'problems' | 'storage' | 'tags' | 'note' | 'shotNotes' | 'cull' | 'palette' | 'newShot' | 'searches' }
  /** Of the shot of that id, or of the film. */
  | { kind: 'history'; shot: string | null }
