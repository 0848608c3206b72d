/** Where the page is: the project, and a shot or a query there, and a take; in the address after `#`. */

import { remember, remembered } from './memory.ts'

export interface Place {
  project: string | null
  /** The full id. */
  shot: string | null
  /** What is looked for, in all of the project. */
  query: string | null
  /** Its id; among what was found, its key. */
  take: string | null
  /** The position of the log at which all of it is shown as it was; null for now. */
  asOf: number | null
}

const NOWHERE: Place = { project: null, shot: null, query: null, take: null, asOf: null }

/** `#/p/{project}/{shot}?take=take_003`, `#/p/{project}?find=gulls` or `#/p/{project}?asOf=4711` as a place. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const [, p, project, shot] = path.split('/').map(decode)
  if (p !== 'p' || !project) return NOWHERE
  const more = new URLSearchParams(query)
  const find = shot ? null : more.get('find')
  const asOf = /^\d{1,15}$/.test(more.get('asOf') ?? '') ? Number(more.get('asOf')) : null
  return { project, shot: shot || null, query: find, take: shot || find !== null ? more.get('take') : null, asOf }
}

/** A place as it stands in the address. */
export function hashOf({ project, shot, query, take, asOf }: Place): string {
  if (!project) return '#/'
  const isFound = !shot && query !== null
  const more = [
    isFound && `find=${encode(query)}`,
    (shot || isFound) && take && `take=${encode(take)}`,
    asOf !== null && `asOf=${asOf}`,
  ].filter(Boolean)
  return `#/p/${encode(project)}${shot ? `/${encode(shot)}` : ''}${more.length ? `?${more.join('&')}` : ''}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export class Route {
  place = $state.raw<Place>(NOWHERE)

  /** Whether the address named nothing, and the page is where it was left the last time: that may be gone. */
  isReturn = false

  constructor() {
    this.place = placeOf(location.hash)
    if (this.place.project === null) this.#return()
  }

  /** Follow the address; the answer stops it. */
  follow(): () => void {
    const read = (): void => {
      this.place = placeOf(location.hash)
      this.#left()
    }
    addEventListener('popstate', read)
    addEventListener('hashchange', read)
    return () => {
      removeEventListener('popstate', read)
      removeEventListener('hashchange', read)
    }
  }

  #return(): void {
    const left = placeOf(remembered('place') ?? '')
    if (left.project === null) return
    this.note(left)
    this.isReturn = true
  }

  /** Go there; within the project at the moment that is shown. */
  go(place: Partial<Place>): void {
    const { project, asOf } = this.place
    const isSame = (place.project ?? project) === project
    this.#set({ ...NOWHERE, project, asOf: isSame ? asOf : null, ...place }, false)
  }

  /** Change the address without a step to go back to. */
  note(place: Partial<Place>): void {
    this.#set({ ...this.place, ...place }, true)
  }

  #set(place: Place, isNote: boolean): void {
    const hash = hashOf(place)
    if (hash === hashOf(this.place)) return
    if (isNote) history.replaceState(null, '', hash)
    else history.pushState(null, '', hash)
    this.place = place
    this.#left()
  }

  #left(): void {
    this.isReturn = false
    remember('place', hashOf({ ...this.place, asOf: null })) // the next visit begins now
  }
}
