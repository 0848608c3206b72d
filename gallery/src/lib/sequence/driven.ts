/** What a clock drives: a video, a sound, or what is played as they are. */

export type Driven = EventTarget &
  Pick<
    HTMLMediaElement,
    'currentTime' | 'duration' | 'paused' | 'ended' | 'seeking' | 'readyState' | 'loop' | 'muted' | 'playbackRate' | 'play' | 'pause'
  >
