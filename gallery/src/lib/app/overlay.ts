/** What lies over the page. */
export type Overlay =
  | { kind: 'player'; take: string }
  | { kind: 'compare'; left: string; right: string }
  | { kind: 'generate' | 'reel' | 'help' | 'problems' | 'storage' | 'tags' | 'note' | 'cull' }
