/** How many takes have been heard of while they were purged. */

import type { LogEvent } from '../types.ts'

export class Purges {
  heard = $state(0)

  hear(event: LogEvent): void {
    if (event.type === 'take.purged') this.heard += 1
  }
}
