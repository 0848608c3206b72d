/** Sending: a file goes to the daemon, and how far it is gets told. */

import { ProblemError, problemOf } from '../api.ts'

/** Thrown when a file does not arrive: nobody answers, or the browser cannot read it any more. */
export class NotSentError extends Error {
  constructor(name: string) {
    super(`${name} could not be sent: the daemon is away, or the file has changed. Try again.`)
    this.name = 'NotSentError'
  }
}

/** Send a file to that address; ProblemError or NotSentError. `ontold` hears how many of its bytes are on their way. */
export function sendFile(url: string, file: File, ontold: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  // `fetch` does not tell how far it is.
  const request = new XMLHttpRequest()
  return new Promise((done, fail) => {
    const stop = (): void => request.abort()
    request.open('PUT', url)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded }) => ontold(loaded)
    request.onload = () => {
      if (request.status < 400) return done()
      const headers = { 'Content-Type': request.getResponseHeader('Content-Type') ?? '' }
      void problemOf(new Response(request.responseText, { status: request.status, headers })).then((problem) =>
        fail(new ProblemError(problem)),
      )
    }
    request.onerror = () => fail(new NotSentError(file.name))
    request.onabort = () => fail(signal.reason)
    request.onloadend = () => signal.removeEventListener('abort', stop)
    signal.addEventListener('abort', stop)
    request.send(file)
  })
}
