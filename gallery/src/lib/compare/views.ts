/** Views: the ways in which two takes are laid beside or upon each other. */

export const VIEWS = [
  { id: 'side', name: 'Side by side', key: '1' },
  { id: 'wipe', name: 'Wipe', key: '2' },
  { id: 'difference', name: 'Difference', key: '3' },
] as const

export type View = (typeof VIEWS)[number]['id']
