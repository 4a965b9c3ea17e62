import type { UpstreamController, UpstreamHandler, UpstreamHeaders } from '../../backends/upstream-handler.ts'
import { BackendFailure, failureFromError, malformedReply } from '../../backends/failure.ts'
import { readJsonEnd, readStreamEnd } from '../../dialects/openai/read-reply-end.ts'
import type { Exchange } from '../../http/exchange.ts'
import { ClientReply } from './reply/client-reply.ts'
import { cutOff } from './reply/cut-off.ts'
import { FaultGuard } from './reply/fault-guard.ts'
import { HeldBytes } from './reply/held-bytes.ts'
import { refusalOf } from './reply/refusal-of.ts'
import type { RelayOptions, RelayOutcome } from './reply/relay-options.ts'
import { replyModeOf, type ReplyMode } from './reply/reply-mode.ts'
import { Seal } from './reply/seal.ts'
import { ReplyRounds } from './reply/reply-rounds.ts'
import { shapeWhole } from './reply/shape-whole.ts'
import { ReplyTail } from './reply-tail.ts'
import type { ReplyTranslation } from './reply-translation.ts'

/** JSON replies up to this size are held until they are whole, so that one that breaks off can be asked for again. */
const heldMaxBytes = 4 * 1024 * 1024
const errorBodyMaxBytes = 64 * 1024

/**
 * Sends one request to one backend and gives its reply to the client as it comes. Always settles: the connection bounds
 * every phase, and a client that leaves cancels the work at once. Rejects by a fault of llmr alone.
 */
export function relayReply(options: RelayOptions): Promise<RelayOutcome> {
  const outcome = Promise.withResolvers<RelayOutcome>()
  const relay = new Relay(options, outcome)
  options.exchange.onClientGone(() => relay.cancel())
  options.pulse?.wake()
  if (!options.exchange.isClientGone) options.connection.send(options.request, new FaultGuard(relay, outcome.reject))
  return outcome.promise
}

/** The engine's reply, from its first byte to its last; what follows up is `ReplyRounds`', what the client gets `ClientReply`'s. */
class Relay implements UpstreamHandler {
  readonly #options: RelayOptions
  readonly #exchange: Exchange
  readonly #client: ClientReply
  readonly #outcome: PromiseWithResolvers<RelayOutcome>
  readonly #tail = new ReplyTail()
  readonly #held = new HeldBytes()
  readonly #seal = new Seal()
  #controller: UpstreamController | undefined
  #rounds: ReplyRounds | undefined
  #mode: ReplyMode = 'pipe'
  #status = 0
  #headers: UpstreamHeaders = {}
  #hasArrived = false
  #isSettled = false
  /** The engine was stopped because what it said was no reply any more; what still comes of it is not heard. */
  #isCut = false

  constructor(options: RelayOptions, outcome: PromiseWithResolvers<RelayOutcome>) {
    this.#options = options
    this.#exchange = options.exchange
    this.#client = new ClientReply(options)
    this.#outcome = outcome
  }

  /** Settled before the request is cut: an abort tells of itself at once, and would pass for the backend's failure. */
  cancel(): void {
    this.#finish({ kind: 'client-gone' })
    this.#controller?.abort(new Error('the client is gone'))
    this.#rounds?.cancel(new Error('the client is gone'))
  }

  onRequestStart(controller: UpstreamController): void {
    this.#controller = controller
    if (this.#isSettled) controller.abort(new Error('the client is gone'))
  }

  onResponseStart(controller: UpstreamController, status: number, headers: UpstreamHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    this.#mode = replyModeOf(status, headers)
    if (this.#mode === 'hold' || this.#mode === 'pipe') this.#expectUnopened(controller)
  }

  onResponseData(controller: UpstreamController, chunk: Buffer): void {
    if (this.#isSettled || this.#isCut) return
    if (!this.#hasArrived && this.#mode !== 'refusal') {
      this.#hasArrived = true
      this.#options.onFirstByte()
    }
    switch (this.#mode) {
      case 'stream':
      case 'pipe':
        this.#giveOn(controller, chunk)
        break
      case 'hold':
        this.#hold(controller, chunk)
        break
      case 'refusal':
        if (this.#held.length < errorBodyMaxBytes) this.#held.push(chunk)
        break
    }
  }

  onResponseEnd(): void {
    if (this.#isSettled || this.#isCut) return
    switch (this.#mode) {
      case 'stream':
        this.#endStream()
        break
      case 'pipe':
        this.#begin()
        this.#endPieces('')
        break
      case 'hold':
        this.#endWhole()
        break
      case 'refusal':
        this.#fail(
          refusalOf({ ...this.#options, status: this.#status, headers: this.#headers, body: this.#held.whole() }),
        )
        break
    }
  }

  onResponseError(_controller: UpstreamController | null | undefined, error: Error): void {
    if (this.#isSettled || this.#isCut) return
    this.#fail(failureFromError(error, { url: this.#options.url, hasReplyBegun: this.#client.hasBegun }))
  }

  /** A whole reply cannot follow on a stream that was opened early, and none may be opened while it comes. */
  #expectUnopened(controller: UpstreamController): void {
    this.#options.pulse?.rest()
    if (!this.#exchange.hasBegun) return
    this.#fail(malformedReply(this.#options.url, 'The backend answered a streamed request with a whole reply.'))
    controller.abort(new Error('expected an event stream'))
  }

  #begin(): void {
    this.#client.begin({ status: this.#status, isStream: this.#mode === 'stream', headers: this.#headers })
  }

  #giveOn(controller: UpstreamController, chunk: Buffer): void {
    if (!this.#client.hasBegun) this.#begin()
    if (this.#mode === 'stream') this.#tail.push(chunk)
    const { witness, translation, cut } = this.#options
    const isLast = witness !== undefined && translation === undefined && this.#tail.holdsEnd(chunk)
    if (isLast) this.#witnessed(chunk)
    const said = translation?.push(chunk) ?? chunk
    this.#seal.whenDone(() => this.#isSettled || this.#client.pass(said, controller))
    if (!isLast) witness?.push(chunk)
    if (this.#seal.isPending) controller.pause()
    else if (translation?.isCut ?? (cut?.push(chunk) && this.#exchange.isBetweenEvents)) this.#cutShort(controller)
  }

  /** The engine is stopped, and what it said counts as a whole reply. */
  #cutShort(controller: UpstreamController): void {
    this.#isCut = true
    controller.abort(new Error('the reply repeats itself'))
    const { translation, cut, witness } = this.#options
    const last = Buffer.from(translation === undefined ? (cut?.ending() ?? '') : '')
    this.#tail.push(last)
    witness?.push(last)
    this.#client.count(readStreamEnd(this.#tail.text()))
    if (translation === undefined) this.#endPieces(last)
    else this.#followUp(translation, (said) => this.#endPieces(said))
  }

  #hold(controller: UpstreamController, chunk: Buffer): void {
    this.#held.push(chunk)
    const { reshape, translation } = this.#options
    if (this.#held.length <= heldMaxBytes || reshape !== undefined || translation !== undefined) return
    this.#mode = 'pipe'
    for (const held of this.#held.take()) this.#giveOn(controller, held)
  }

  /** A stream that stopped without its end marker died, however politely the connection was closed. */
  #endStream(): void {
    const end = readStreamEnd(this.#tail.text())
    if (!end.isComplete && !end.hasError) {
      const at = { url: this.#options.url, hasReplyBegun: this.#client.hasBegun }
      this.#fail(cutOff('the stream ended without its end marker', at))
      return
    }
    this.#client.count(end)
    const { translation } = this.#options
    if (translation === undefined) this.#endPieces('')
    else this.#followUp(translation, (last) => this.#endPieces(last))
  }

  #endPieces(last: Buffer | string): void {
    this.#serve(() => this.#client.end(last))
  }

  #endWhole(): void {
    const { translation, witness } = this.#options
    const body = this.#held.whole()
    witness?.push(body)
    const end = readJsonEnd(body.toString('utf8', Math.max(0, body.length - 2048)))
    const shaped = shapeWhole(body, end, this.#options)
    if (shaped instanceof BackendFailure) return this.#fail(shaped)
    this.#client.count(end)
    if (translation === undefined) this.#reply(shaped)
    else this.#followUp(translation, (last) => this.#reply(Buffer.from(shaped.toString() + last)))
  }

  #reply(body: Buffer): void {
    const type = this.#options.translation?.wholeType ?? 'application/json'
    this.#serve(() => this.#client.whole(this.#status, type, body))
  }

  #serve(tellEnd: () => void): void {
    this.#witnessed()
    this.#seal.whenDone(() => {
      if (this.#isSettled) return
      tellEnd()
      this.#finish({ kind: 'served' })
    })
  }

  /** What the same engine is asked for before the client's end is told, then that end. */
  #followUp(translation: ReplyTranslation, tellEnd: (last: string) => void): void {
    const client = this.#mode === 'stream' ? this.#client : undefined
    const count = this.#client.countMore.bind(this.#client)
    this.#rounds = new ReplyRounds({ ...this.#options, translation, client, count })
    const last = this.#rounds.end()
    if (typeof last === 'string') tellEnd(last)
    else void last.then((text) => this.#isSettled || tellEnd(text)).catch(this.#outcome.reject)
  }

  /** Before the client has the end of a reply that is whole. */
  #witnessed(last?: Buffer): void {
    const { witness, translation } = this.#options
    this.#seal.begin(() => {
      if (witness === undefined) return undefined
      if (last !== undefined) witness.push(last)
      if (this.#mode === 'stream' && translation === undefined) this.#client.count(readStreamEnd(this.#tail.text()))
      return witness.end(translation?.followedUp())
    })
  }

  #fail(failure: BackendFailure): void {
    if (!this.#client.hasBegun) return this.#finish({ kind: 'failed', failure })
    this.#client.breakOff(failure)
    this.#finish({ kind: 'broken', failure })
  }

  #finish(outcome: RelayOutcome): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#exchange.onClientGone(undefined)
    this.#outcome.resolve(outcome)
  }
}
