/** Which state stands in the way of showing anything; null where there is something to show. */

import type { App } from '../app/app.svelte.ts'

export type StateKind = 'away' | 'locked' | 'suspended' | 'starting' | 'no-project' | 'gone' | 'no-shot' | 'no-such-shot'

export function stateOf(app: App): StateKind | null {
  if (app.projects === null) return app.trouble
  if (app.projectId === null) return 'no-project'
  const { live } = app
  if (!live?.shots.isLoaded) return unloaded(app)
  if (live.shots.list.length === 0) return 'no-shot'
  if (app.route.place.shot && !app.shot) return 'no-such-shot'
  return null
}

function unloaded({ live, project, projects }: App): StateKind | null {
  switch (live?.connection) {
    case 'away':
      return project?.state === 'starting' ? 'starting' : 'away'
    case 'locked':
    case 'suspended':
      return live.connection
    case 'gone':
      return projects?.length ? 'gone' : 'no-project'
    default:
      return null
  }
}
