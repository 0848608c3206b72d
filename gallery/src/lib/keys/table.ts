/**
 * The table of keys: every key that the page listens to, by where it does, and what it is for.
 *
 * What is pressed is looked up here (`press.ts`), and from here come the help and the list in docs/gallery.md. A key is
 * called as the browser calls it, in small letters, or Space; `Shift+Arrows` are all keys that move, with Shift, `Shift+1`
 * is a digit with Shift whatever sign that is, and a Letter is any that means nothing else. `Ctrl+` is also the Command
 * key of a Mac.
 */

type Rows = Readonly<Record<string, readonly [keys: string, does: string]>>

const TRANSPORT = {
  toggle: ['Space', 'Play or pause'],
  back: ['j', 'Play backwards; again, twice as fast'],
  stop: ['k', 'Stop'],
  forward: ['l', 'Play; again, twice as fast'],
  speed: ['Shift+1 Shift+2 Shift+3 Shift+4 Shift+5', 'A quarter of the speed, half, all, twice, four times'],
  mute: ['s', 'Sound on or off'],
  frameBack: [',', 'One frame back'],
  frameOn: ['.', 'One frame on'],
  start: ['Home', 'To the beginning'],
  end: ['End', 'To the end'],
  from: ['i', 'The loop begins here; again, at the beginning'],
  to: ['o', 'The loop ends here; again, at the end'],
} as const satisfies Rows

const LOOK = {
  size: ['z', 'All of the picture, or its pixels one to one'],
  larger: ['+ =', 'Larger'],
  smaller: ['-', 'Smaller'],
  mirror: ['h', 'Mirror it'],
  guides: ['g', 'Show the safe areas'],
} as const satisfies Rows

export const KEYS = {
  page: {
    title: 'Everywhere',
    rows: {
      search: ['/', 'Find shots and takes'],
      generate: ['n', 'New take'],
      compare: ['c', 'Compare the selected takes, 2 to 9'],
      palette: ['Ctrl+k', 'Go to a shot or a take, or do something by its name'],
      recipe: ['i', 'Show or hide the recipe'],
      film: ['Ctrl+b', 'Show or hide the film'],
      larger: ['+', 'Larger pictures'],
      smaller: ['-', 'Smaller pictures'],
      undo: ['Ctrl+z', 'Undo what you chose last'],
      redo: ['Ctrl+Shift+z Ctrl+y', 'Choose it again'],
      help: ['?', 'The keys of what is seen'],
    },
  },
  takes: {
    title: 'Takes',
    rows: {
      move: ['ArrowLeft ArrowRight ArrowUp ArrowDown', 'Move'],
      page: ['PageUp PageDown', 'Move by a window'],
      ends: ['Home End', 'First, last'],
      extend: ['Shift+Arrows', 'Select more'],
      all: ['Ctrl+a', 'Select all'],
      copy: ['Ctrl+c', 'Copy the paths of their files'],
      pick: ['Ctrl+Space', 'Take out of the selection, or add'],
      play: ['Space', 'Play'],
      open: ['Enter', 'Open'],
      activate: ['a', 'Make active'],
      frameBack: [',', 'Back in the filmstrip'],
      frameOn: ['.', 'On in the filmstrip'],
      picture: ['Escape', 'From the filmstrip back to the picture'],
      delete: ['Delete Backspace', 'Delete, or cancel what is being made'],
      rate: ['1 2 3 4 5 0', 'Rate the selected takes; 0 takes the rating away'],
      choose: ['p', 'Pick them'],
      reject: ['x', 'Reject them'],
      unmark: ['u', 'Neither pick nor reject them'],
      tag: ['t', 'Tag them'],
      note: ['m', 'Write a note on them'],
      cull: ['v', 'Cull: one after the other, one key for each'],
    },
  },
  film: {
    title: 'Film',
    rows: {
      move: ['ArrowUp ArrowDown', 'Move'],
      ends: ['Home End', 'First, last'],
      open: ['ArrowRight', 'Open a chapter or a scene'],
      close: ['ArrowLeft', 'Close it, or go to what it is in'],
      choose: ['Enter Space', 'Show the shot'],
      typed: ['Letter', 'To the next name that begins with it'],
    },
  },
  player: {
    title: 'Player',
    rows: {
      ...TRANSPORT,
      before: ['ArrowLeft', 'The take before'],
      after: ['ArrowRight', 'The take after'],
      activate: ['a Enter', 'Make active'],
      rate: ['1 2 3 4 5 0', 'Rate it; 0 takes the rating away'],
      choose: ['p', 'Pick it'],
      reject: ['x', 'Reject it'],
      unmark: ['u', 'Neither pick nor reject it'],
      note: ['m', 'Write a note, at the frame that is shown'],
      draw: ['d', 'Draw on the frame that is shown, with a note'],
      noteBefore: ['[', 'To the note before'],
      noteAfter: [']', 'To the note after'],
      ...LOOK,
      darker: ['w', 'Of light, in EXR, TIFF and DPX: half a stop darker'],
      lighter: ['e', 'Half a stop brighter'],
      channel: ['c', 'The next channel: red, green, blue, alpha, luma, all'],
      ungraded: ['r', 'As it is'],
      other: ['b', 'The take that was seen before, at the same frame; at first, the active one'],
      original: ['q', 'The original or its proxy, at the same frame'],
      full: ['f', 'Full screen'],
    },
  },
  cull: {
    title: 'Culling',
    rows: {
      pick: ['p', 'Pick, and on to the next'],
      reject: ['x', 'Reject, and on to the next'],
      rate: ['1 2 3 4 5', 'Rate, and on to the next'],
      skip: ['s', 'Leave it as it is, and on to the next'],
      before: ['ArrowLeft', 'The take before'],
      after: ['ArrowRight', 'The take after'],
      back: ['Backspace Ctrl+z', 'Undo, and back to it'],
      play: ['Space', 'Play or pause'],
      full: ['f', 'Full screen'],
    },
  },
  compare: {
    title: 'Comparison',
    rows: {
      side: ['1', 'Side by side, all of them'],
      wipe: ['2', 'Wipe'],
      difference: ['3', 'Difference'],
      overlay: ['4', 'One over the other'],
      other: ['b', 'One in the place of the other, and back'],
      swap: ['x', 'Swap the sides'],
      before: ['ArrowLeft', 'The first of them against the one before'],
      after: ['ArrowRight', 'The first of them against the one after'],
      ...TRANSPORT,
      ...LOOK,
      full: ['f', 'Full screen'],
    },
  },
  reel: {
    title: 'Reel',
    rows: {
      ...TRANSPORT,
      start: ['Home', 'The first shot'],
      end: ['End', 'The last shot'],
      before: ['ArrowLeft', 'The shot before'],
      after: ['ArrowRight', 'The shot after'],
      up: ['ArrowUp', 'The take before, in the place of the one that is seen'],
      down: ['ArrowDown', 'The take after, in its place'],
      commit: ['Enter', 'Make that take active; Esc leaves all as they were'],
      full: ['f', 'Full screen'],
    },
  },
  guest: {
    title: 'A guest’s player',
    rows: {
      ...TRANSPORT,
      before: ['ArrowLeft', 'The shot before'],
      after: ['ArrowRight', 'The shot after'],
      up: ['ArrowUp', 'The take before'],
      down: ['ArrowDown', 'The take after'],
      noteBefore: ['[', 'To the note before'],
      noteAfter: [']', 'To the note after'],
      full: ['f', 'Full screen'],
    },
  },
  window: {
    title: 'Player, culling, comparison and reel',
    rows: {
      help: ['?', 'The keys of what is seen'],
      close: ['Escape', 'Close'],
    },
  },
} as const satisfies Record<string, { title: string; rows: Rows }>

export type View = keyof typeof KEYS
export type Name<V extends View> = keyof (typeof KEYS)[V]['rows'] & string

const CAPS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  PageUp: 'Page ↑',
  PageDown: 'Page ↓',
  Escape: 'Esc',
}

/** The keys of a row as they stand on a keyboard: `Ctrl+z` as `Ctrl Z`. */
export function capsOf(keys: string): string[] {
  return keys.split(' ').map((key) =>
    key
      .split(/\+(?=.)/)
      .map((part) => CAPS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
      .join(' '),
  )
}
