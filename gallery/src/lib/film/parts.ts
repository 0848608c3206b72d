/** A text in parts, some of which are what somebody looks for. */

export interface Part {
  text: string
  isMarked: boolean
}
