/** What a clock drives: a video, a sound, or what is played as they are. */

import type { Times } from './times.ts'

export type Driven = EventTarget &
  Pick<
    HTMLMediaElement,
    'currentTime' | 'duration' | 'paused' | 'ended' | 'seeking' | 'readyState' | 'loop' | 'muted' | 'playbackRate' | 'play' | 'pause'
  > & {
    /** When its frames are seen, where that is known. */
    readonly times?: Times
  }
