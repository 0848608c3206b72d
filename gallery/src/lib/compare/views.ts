/** Views: the ways in which takes are laid beside each other, or two of them upon each other. */

export const VIEWS = [
  { id: 'side', name: 'Side by side', key: '1' },
  { id: 'wipe', name: 'Wipe', key: '2' },
  { id: 'difference', name: 'Difference', key: '3' },
  { id: 'overlay', name: 'Overlay', key: '4' },
  { id: 'flip', name: 'A or B', key: 'B' },
] as const

export type View = (typeof VIEWS)[number]['id']
