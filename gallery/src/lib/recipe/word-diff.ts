/** Where two texts differ, word by word. */

/** A run of text, and whether the other text lacks it. */
export interface Piece {
  text: string
  differs: boolean
}

interface Word {
  text: string
  /** The white space after it, which makes no difference. */
  space: string
}

/** Beyond this many pairs of words a diff takes too long; what lies between the same ends then differs as a whole. */
const MOST_PAIRS = 4_000_000

/** Made when it is first needed: it takes longer to load than the page. */
let words: Intl.Segmenter | undefined
const segmenter = (): Intl.Segmenter => (words ??= new Intl.Segmenter(undefined, { granularity: 'word' }))

/** Both texts in pieces, which joined give the texts again. */
export function compareWords(left: string, right: string): { left: Piece[]; right: Piece[] } {
  const [ours, theirs] = [wordsOf(left), wordsOf(right)]
  const [commonOurs, commonTheirs] = shared(ours.map(textOf), theirs.map(textOf))
  return { left: pieces(ours, commonOurs), right: pieces(theirs, commonTheirs) }
}

function wordsOf(text: string): Word[] {
  const words: Word[] = []
  for (const { segment } of segmenter().segment(text)) {
    const last = words.at(-1)
    if (segment.trim() === '' && last) last.space += segment
    else words.push({ text: segment, space: '' })
  }
  return words
}

const textOf = (word: Word): string => word.text

/** Which words of each text are in the longest sequence that both have. */
function shared(left: string[], right: string[]): [boolean[], boolean[]] {
  const ours = new Array<boolean>(left.length).fill(false)
  const theirs = new Array<boolean>(right.length).fill(false)
  let start = 0
  let [endOurs, endTheirs] = [left.length, right.length]
  while (start < Math.min(endOurs, endTheirs) && left[start] === right[start]) {
    ours[start] = theirs[start] = true
    start += 1
  }
  while (start < Math.min(endOurs, endTheirs) && left[endOurs - 1] === right[endTheirs - 1]) {
    ours[--endOurs] = theirs[--endTheirs] = true
  }
  for (const [i, j] of longest(left.slice(start, endOurs), right.slice(start, endTheirs))) {
    ours[start + i] = theirs[start + j] = true
  }
  return [ours, theirs]
}

/** The pairs of places of the longest common sequence. */
function longest(left: string[], right: string[]): [number, number][] {
  if (left.length * right.length > MOST_PAIRS) return []
  const lengths = commonLengths(left, right)
  const width = right.length + 1
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1
    else j += 1
  }
  return pairs
}

/** How long the longest common sequence of the two rests is, for each pair of starts, row by row. */
function commonLengths(left: string[], right: string[]): Uint16Array {
  const width = right.length + 1
  const lengths = new Uint16Array((left.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const best = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
      lengths[i * width + j] = best
    }
  }
  return lengths
}

/** The words as runs that differ or do not; the white space after a run that differs belongs to the next. */
function pieces(words: Word[], common: boolean[]): Piece[] {
  const found: Piece[] = []
  const add = (text: string, differs: boolean): void => {
    const last = found.at(-1)
    if (last && last.differs === differs) last.text += text
    else if (text) found.push({ text, differs })
  }
  words.forEach((word, i) => {
    const differs = !common[i]
    const runsOn = differs && i + 1 < words.length && !common[i + 1]
    add(word.text, differs)
    add(word.space, runsOn)
  })
  return found
}
