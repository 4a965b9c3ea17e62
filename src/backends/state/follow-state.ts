import type { GatewayState } from '../../core/gateway-state.ts'
import { parseForeignJson } from '../../core/foreign-json.ts'
import { SseEvents } from '../../core/sse-events.ts'
import type { Connection } from '../connection.ts'
import type { UpstreamController, UpstreamHandler } from '../upstream-handler.ts'
import { type BackendFailure, failureFromError, failureFromStatus, malformedReply } from '../failure.ts'
import { mergeState, type KnownState } from './merge-state.ts'
import { parseStateEvent } from './parse-state-event.ts'

export interface StateListener {
  /** Its state as of now; called at once and at every change. */
  onState(state: GatewayState): void
  /** It is over, once: the gateway has gone, or does not let us listen. Not called after `close`. */
  onEnd(failure: BackendFailure): void
}

/** Three heartbeats of the sender. A machine that was switched off closes no connection. */
const silenceMaxMs = 35_000
/** Thousands of models fit. */
const eventMaxLength = 8 * 1024 * 1024

const path = '/llmr/v1/state'

/** Listens to how another gateway stands, until it ends or is closed. */
export function followState(connection: Connection, listener: StateListener): { close(): void } {
  const follower = new Follower(connection.settings.url + path, listener)
  connection.send({ method: 'GET', path, headers: ['accept', 'text/event-stream'], body: null }, follower)
  return follower
}

class Follower implements UpstreamHandler {
  readonly #url: string
  readonly #listener: StateListener
  readonly #events = new SseEvents()
  readonly #watchdog: NodeJS.Timeout
  #known: KnownState | undefined
  #controller: UpstreamController | undefined
  #status = 0
  #isOver = false

  constructor(url: string, listener: StateListener) {
    this.#url = url
    this.#listener = listener
    this.#watchdog = setTimeout(() => this.#silent(), silenceMaxMs).unref()
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#watchdog)
    this.#controller?.abort(new Error('nobody listens any more'))
  }

  onRequestStart(controller: UpstreamController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(new Error('nobody listens any more'))
  }

  onResponseStart(_controller: UpstreamController, status: number): void {
    this.#status = status
  }

  onResponseData(_controller: UpstreamController, chunk: Buffer): void {
    if (this.#isOver || this.#status !== 200) return
    this.#watchdog.refresh()
    for (const data of this.#events.push(chunk)) this.#take(data)
    if (this.#events.pendingLength > eventMaxLength) this.#end(this.#malformed())
  }

  onResponseEnd(): void {
    const url = this.#url
    if (this.#status === 200)
      this.#end(failureFromError(new Error('the stream has ended'), { url, hasReplyBegun: true }))
    else this.#end(failureFromStatus({ url, status: this.#status, headers: {}, bodyText: '', secrets: [] }))
  }

  onResponseError(_controller: UpstreamController | null | undefined, error: Error): void {
    this.#end(failureFromError(error, { url: this.#url, hasReplyBegun: this.#status !== 0 }))
  }

  #take(data: string): void {
    const event = parseStateEvent(parseForeignJson(data))
    this.#known = event && mergeState(this.#known, event)
    if (this.#isOver) return
    if (this.#known === undefined) this.#end(this.#malformed())
    else this.#listener.onState(this.#known.state)
  }

  #silent(): void {
    const error = Object.assign(new Error('the other gateway has fallen silent'), { code: 'UND_ERR_BODY_TIMEOUT' })
    this.#end(failureFromError(error, { url: this.#url, hasReplyBegun: true }))
  }

  #malformed(): BackendFailure {
    return malformedReply(this.#url, 'The other gateway tells its state in a way that is not known here.')
  }

  #end(failure: BackendFailure): void {
    if (this.#isOver) return
    this.close()
    this.#listener.onEnd(failure)
  }
}
