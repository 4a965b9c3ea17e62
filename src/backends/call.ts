import type { BackendSettings } from '../core/backend.ts'
import { parseForeignJson } from '../core/foreign-json.ts'
import type { Connection } from './connection.ts'
import type { UpstreamController, UpstreamHandler, UpstreamHeaders } from './upstream-handler.ts'
import { BackendFailure, failureFromError, failureFromStatus, malformedReply } from './failure.ts'

export interface CallRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Sent as JSON. */
  readonly json?: unknown
  /** Names and values in turn, beside what the body needs. */
  readonly headers?: readonly string[]
  /** Ends the call with its reason; a reason that is a `TimeoutError` counts as the backend's failure. */
  readonly signal: AbortSignal
}

export interface CallReply {
  readonly url: string
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly text: string
  /** `undefined` when the text is not JSON. */
  readonly json: unknown
}

/** A model list of a thousand models with their templates fits; anything beyond is not an answer to what was asked. */
const replyMaxBytes = 16 * 1024 * 1024

/**
 * One question to an engine and its whole answer, whatever the status.
 *
 * @throws BackendFailure when no answer came; the signal's reason when the caller gave up.
 */
export function call(
  connection: Connection,
  { method, path, json, headers: given = [], signal }: CallRequest,
): Promise<CallReply> {
  const url = connection.settings.url + path
  return new Promise((resolve, reject) => {
    const handler = new WholeReply({ url, signal, resolve, reject })
    const body = json === undefined ? null : JSON.stringify(json)
    const headers = [
      ...given,
      'accept',
      'application/json',
      ...(body === null ? [] : ['content-type', 'application/json']),
    ]
    if (signal.aborted) handler.giveUp()
    else connection.send({ method, path, headers, body }, handler)
  })
}

/** @throws BackendFailure when the reply is a refusal or holds no JSON. */
export function expectJson(connection: Connection, { url, status, headers, text, json }: CallReply): unknown {
  if (status >= 300) {
    throw failureFromStatus({ url, status, headers, bodyText: text, secrets: secretsOf(connection.settings) })
  }
  if (json === undefined) {
    throw malformedReply(url, `${url} answered ${status} with something that is not JSON.`, text.slice(0, 200))
  }
  return json
}

/** What is sent to this backend and must never be shown. */
export function secretsOf({ apiKey, headers }: BackendSettings): readonly string[] {
  return [...(apiKey === undefined ? [] : [apiKey]), ...Object.values(headers)].filter(({ length }) => length >= 6)
}

interface Settlement {
  readonly url: string
  readonly signal: AbortSignal
  readonly resolve: (reply: CallReply) => void
  readonly reject: (failure: unknown) => void
}

class WholeReply implements UpstreamHandler {
  readonly #settlement: Settlement
  readonly #chunks: Buffer[] = []
  readonly #onAbort = (): void => this.giveUp()
  #controller: UpstreamController | undefined
  #bytes = 0
  #status = 0
  #headers: UpstreamHeaders = {}

  constructor(settlement: Settlement) {
    this.#settlement = settlement
    settlement.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  giveUp(): void {
    const { signal, url } = this.#settlement
    this.#fail(failureOfSignal(signal, { url, phase: this.#phase() }))
  }

  onRequestStart(controller: UpstreamController): void {
    this.#controller = controller
    if (this.#settlement.signal.aborted) controller.abort(new Error('nobody waits for the reply'))
  }

  onResponseStart(_controller: UpstreamController, status: number, headers: UpstreamHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_controller: UpstreamController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= replyMaxBytes) this.#chunks.push(chunk)
    else this.#fail(malformedReply(this.#settlement.url, `${this.#settlement.url} answered with more than 16 MiB.`))
  }

  onResponseEnd(): void {
    const { url, signal, resolve } = this.#settlement
    signal.removeEventListener('abort', this.#onAbort)
    const text = Buffer.concat(this.#chunks).toString()
    resolve({ url, status: this.#status, headers: this.#headers, text, json: parseForeignJson(text) })
  }

  onResponseError(_controller: UpstreamController | null | undefined, error: Error): void {
    this.#fail(failureFromError(error, { url: this.#settlement.url, hasReplyBegun: this.#status >= 200 }))
  }

  #phase(): CallPhase {
    if (this.#controller === undefined) return 'connecting'
    return this.#status < 200 ? 'waiting' : 'reading'
  }

  #fail(failure: unknown): void {
    const { signal, reject } = this.#settlement
    signal.removeEventListener('abort', this.#onAbort)
    reject(failure)
    this.#controller?.abort(new Error('nobody waits for the reply'))
  }
}

export type CallPhase = 'connecting' | 'waiting' | 'reading'

/** A deadline that passed says something about the backend; any other reason is the caller's own and stays as it is. */
export function failureOfSignal(signal: AbortSignal, { url, phase }: { url: string; phase: CallPhase }): unknown {
  const reason: unknown = signal.reason
  if (!(reason instanceof Error) || reason.name !== 'TimeoutError') return reason
  const host = new URL(url).host
  const facts = { url, cause: reason }
  switch (phase) {
    case 'connecting':
      return new BackendFailure('connect_timeout', `${host} could not be reached in the time given.`, facts)
    case 'waiting':
      return new BackendFailure(
        'slow_first_byte',
        `${host} took the question but did not answer in the time given.`,
        facts,
      )
    case 'reading':
      return new BackendFailure('idle', `${host} did not finish its answer in the time given.`, facts)
  }
}
