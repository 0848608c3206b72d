/** Every key that the page listens to, for the help. */
export const SHORTCUTS: readonly { where: string; keys: readonly [keys: string, does: string][] }[] = [
  {
    where: 'Everywhere',
    keys: [
      ['/', 'Find shots and takes'],
      ['n', 'New take'],
      ['c', 'Compare the two selected takes'],
      ['i', 'Show or hide the recipe'],
      ['Ctrl Z', 'Undo the deletion'],
      ['?', 'This help'],
    ],
  },
  {
    where: 'Takes',
    keys: [
      ['Arrows', 'Move'],
      ['Home End', 'First, last'],
      ['Shift Arrows', 'Select more'],
      ['Ctrl A', 'Select all'],
      ['Ctrl Space', 'Take out of the selection, or add'],
      ['Space', 'Play'],
      ['Enter', 'Make active'],
      [', .', 'Step through the filmstrip'],
      ['Delete', 'Delete, or cancel what is being made'],
    ],
  },
  {
    where: 'Film',
    keys: [
      ['↑ ↓', 'Move'],
      ['→ ←', 'Open, close'],
      ['Enter', 'Show the shot'],
      ['A letter', 'Go to the next name that begins with it'],
    ],
  },
]
