/** All that is sent, and has not come to its end. */

import type { App } from '../app/app.svelte.ts'
import { shotName } from '../film/names.ts'
import { plural } from '../format.ts'
import { toasts } from '../ui/toasts/toasts.svelte.ts'
import { chosenFiles, type Wanted } from './dropped.ts'
import { Sending } from './sending.svelte.ts'

class Sendings {
  list = $state.raw<readonly Sending[]>([])

  /** Have those files become takes of that shot. */
  begin(app: App, shot: string, files: readonly Wanted[]): void {
    const project = app.live?.project
    if (!project || files.length === 0) return
    const sending = new Sending(project, shot, files)
    this.list = [...this.list, sending]
    void this.run(app, sending)
  }

  /** Have somebody choose files that are to become takes of that shot. */
  async choose(app: App, shot: string): Promise<void> {
    this.begin(app, shot, await chosenFiles())
  }

  /** Send it, or go on with it; what is done goes from the list, unless something of it was left. */
  async run(app: App, sending: Sending): Promise<void> {
    if (!(await sending.run())) return
    const shot = app.live?.shots.byId.get(sending.shot)
    const isShown = app.live?.shown?.shotId === sending.shot
    const show = { label: 'Show', run: () => app.route.go({ project: sending.project, shot: sending.shot }) }
    const where = shot ? shotName(shot) : 'the shot'
    const what = `${plural(sending.brought, 'file')} ${sending.brought === 1 ? 'is' : 'are'} in ${where} now.`
    toasts.show(what, { action: isShown ? null : show })
    if (sending.left.length === 0) this.forget(sending)
  }

  async cancel(sending: Sending): Promise<void> {
    this.forget(sending)
    await sending.cancel()
  }

  forget(sending: Sending): void {
    this.list = this.list.filter((one) => one !== sending)
  }
}

export const sendings = new Sendings()
