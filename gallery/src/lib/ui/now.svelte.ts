/** Now, for what tells how long ago something was: it moves on by itself. */

import { createSubscriber } from 'svelte/reactivity'

/** Milliseconds between two looks at the clock. */
const EVERY = 30_000

const follow = createSubscriber((update) => {
  const timer = setInterval(update, EVERY)
  return () => clearInterval(timer)
})

export function now(): Date {
  follow()
  return new Date()
}
