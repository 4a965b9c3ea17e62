import type { Connection, UpstreamRequest } from '../../../backends/connection.ts'
import type { BackendFailure } from '../../../backends/failure.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { Reply } from '../../../core/chat/reply.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { StreamCut } from './stream-cut.ts'
import type { ReplyTranslation } from '../reply-translation.ts'
import type { StreamPulse } from '../stream-pulse.ts'

export interface RelayOptions {
  readonly exchange: Exchange
  readonly connection: Connection
  readonly request: UpstreamRequest
  /** Where the request went, for logs. */
  readonly url: string
  /** Headers that name the backend, the model and the reason; names and values in turn. */
  readonly replyHeaders: readonly string[]
  readonly isStream: boolean
  readonly pulse: StreamPulse | undefined
  /** Gives a whole JSON reply the shape the client asked for. Throws SyntaxError when it is not JSON. */
  readonly reshape: ((body: Buffer) => Buffer) | undefined
  /** Says it all in the client's own dialect, where that is another than the engine's. */
  readonly translation: ReplyTranslation | undefined
  /** How the same engine is asked for what follows up its reply. */
  readonly writeFollowUp: (ask: ChatRequest) => UpstreamRequest | Promise<UpstreamRequest>
  /** What was asked for beyond the reply could not be had; the client gets the reply as it stands. */
  readonly onFollowUpFailed: (failure: BackendFailure) => void
  /** Says when a stream whose bytes pass is no reply any more; where it is said anew, the translation knows. */
  readonly cut: StreamCut | undefined
  readonly witness: RelayWitness | undefined
  /** A good reply has begun to arrive. */
  readonly onFirstByte: () => void
}

/** Hears the engine's own bytes. */
export interface RelayWitness {
  push(chunk: Buffer): void
  /**
   * Once, when the reply is whole and before its end marker leaves: a client that has seen that may rely on what is done
   * here. Where it is a promise the end is held back until that is settled; it must be soon, and never reject.
   *
   * @param reply as the client gets it, where that is not what the engine's bytes say
   */
  end(reply?: Reply): Promise<void> | void
}

export type RelayOutcome =
  | { readonly kind: 'served' }
  /** Nothing of a reply has reached the client: another backend may be asked. */
  | { readonly kind: 'failed'; readonly failure: BackendFailure }
  /** It broke inside the reply, and the client has been told so. */
  | { readonly kind: 'broken'; readonly failure: BackendFailure }
  | { readonly kind: 'client-gone' }
