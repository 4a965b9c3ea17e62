import type { IncomingHttpHeaders } from 'node:http'

import { LlmrError } from '../core/error.ts'

/** What became of a request: answered whole, left by its client, or broken by a fault. */
export type RequestOutcome = 'answered' | 'abandoned' | 'broken'

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The parsed JSON, or the text if it is none; `undefined` when there is no body. */
  readonly body: unknown
  readonly text: string
  /** Settles when the reply has ended in whatever way; never rejects. */
  readonly outcome: Promise<RequestOutcome>
}

/** Older requests are dropped beyond this many, and beyond this much text, so that an engine may run for days. */
const requestsMax = 1000
const charactersMax = 16 * 2 ** 20

interface Waiter {
  readonly matches: (request: ReceivedRequest) => boolean
  readonly resolve: (request: ReceivedRequest) => void
  readonly reject: (reason: Error) => void
}

/** The latest requests, and who waits for one. */
export class RequestLog {
  readonly #requests: ReceivedRequest[] = []
  #characters = 0
  #waiters: Waiter[] = []
  #isClosed = false

  get requests(): readonly ReceivedRequest[] {
    return this.#requests
  }

  add(request: ReceivedRequest): void {
    this.#requests.push(request)
    this.#characters += request.text.length
    this.#dropOldest()
    const served = this.#waiters.filter((waiter) => waiter.matches(request))
    this.#waiters = this.#waiters.filter((waiter) => !served.includes(waiter))
    for (const waiter of served) waiter.resolve(request)
  }

  /** The latest stays, whatever its size. */
  #dropOldest(): void {
    while (this.#requests.length > 1 && (this.#requests.length > requestsMax || this.#characters > charactersMax)) {
      this.#characters -= this.#requests.shift()?.text.length ?? 0
    }
  }

  /** The first request in the log that matches, or the next one to come. Rejects when the engine closes first. */
  waitFor(matches: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest> {
    const present = this.#requests.find(matches)
    if (present) return Promise.resolve(present)
    if (this.#isClosed) return Promise.reject(closedFirst())
    return new Promise((resolve, reject) => {
      this.#waiters.push({ matches, resolve, reject })
    })
  }

  close(): void {
    this.#isClosed = true
    for (const waiter of this.#waiters.splice(0)) waiter.reject(closedFirst())
  }
}

function closedFirst(): Error {
  return new LlmrError('shutting_down', 'The simulated engine closed before such a request came.')
}
