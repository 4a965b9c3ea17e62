import type { Message } from '../../../core/chat/message.ts'
import type { Clock } from '../../../core/clock.ts'
import { noteStep } from '../../../core/flow-notes.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { RequestRecord } from '../../../core/request-record.ts'
import { textAt } from '../../../core/foreign-json.ts'
import { readChat } from '../../../dialects/openai/chat/read-chat.ts'
import { requestIdOf } from '../../../dialects/openai-responses/item-ids.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { claimsOf } from '../../../memory/identity/claims-of.ts'
import { type ResolvedPlace, resolvePlace } from '../../../memory/identity/resolve-place.ts'
import { userTextOf } from '../../../memory/identity/user-text-of.ts'
import type { StoreAccess } from '../../../store/store-access.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { conversationKey } from './conversation-key.ts'
import { Remembered, type RememberedParts } from './remembered.ts'
import { scopeOf } from './scope-of.ts'

/** Whose conversations are kept. */
export type MemoryMode = 'off' | 'authenticated' | 'on'

export interface RememberingOptions {
  readonly mode: MemoryMode
  readonly store: StoreAccess
  /** How long a conversation is kept when nothing follows. */
  readonly keepMs: () => number
  readonly metrics: Metrics
  readonly clock: Pick<Clock, 'monotonic'>
}

/** Finds out, while requests run, which conversations they belong to. */
export class Remembering {
  readonly #options: RememberingOptions
  readonly #remembered = new WeakMap<RequestRecord, Remembered>()

  constructor(options: RememberingOptions) {
    this.#options = options
    options.store.warm()
  }

  /** Begins to look for the place of a request, beside whatever else is done for it. Undefined: it is not remembered. */
  begin(exchange: Exchange, intake: Intake): Remembered | undefined {
    if (!this.#isKept(exchange, intake)) return undefined
    const scope = scopeOf(exchange)
    const messages = messagesOf(intake)
    const claims = claimsOf({
      scope,
      messages,
      key: conversationKey(exchange, intake),
      previousRequestId: requestIdOf(textAt(intake.request.json, 'previous_response_id')),
    })
    if (claims === undefined) return undefined // nobody says anything in it
    const budget = this.#options.store.budget(scope)
    const { requestId } = exchange.record
    const place = this.#find(exchange, { requestId, scope, claims, budget })
    const remembered = new Remembered({
      requestId,
      scope,
      messages,
      claims,
      userText: userTextOf(messages),
      budget,
      place,
    })
    this.#remembered.set(exchange.record, remembered)
    return remembered
  }

  of(record: RequestRecord): Remembered | undefined {
    return this.#remembered.get(record)
  }

  async #find(
    exchange: Exchange,
    { requestId, scope, claims, budget }: Pick<RememberedParts, 'requestId' | 'scope' | 'claims' | 'budget'>,
  ): Promise<ResolvedPlace | undefined> {
    const { keepMs, metrics, clock } = this.#options
    const { correlationId, kind = 'user', requestedModel, startedAtMs } = exchange.record
    const beganAtMs = clock.monotonic()
    const request = { scope, requestId, correlationId, kind, requestedModel, startedAtMs, keepMs: keepMs() }
    const outcome = await budget.spend(({ conversations }, signal) =>
      resolvePlace(conversations, { request, claims, signal }),
    )
    const place = outcome.type === 'done' ? outcome.value : undefined
    const tier = place?.tier ?? 'unresolved'
    metrics.identityResolved({ tier, durationMs: clock.monotonic() - beganAtMs })
    const endedUs = Math.round(exchange.elapsedMs() * 1000)
    noteStep(exchange.record, {
      type: 'resolve',
      startedUs: endedUs - Math.round((clock.monotonic() - beganAtMs) * 1000),
      durationUs: Math.round((clock.monotonic() - beganAtMs) * 1000),
      ...(place === undefined ? { hasFailed: true } : { ref: place.conversation }),
      facts: { tier },
    })
    exchange.note('identity', place === undefined ? tier : `${tier}: conversation ${place.conversation}`)
    if (place !== undefined) exchange.addHeader('x-llmr-conversation', place.conversation)
    return place
  }

  /** Content is kept only of those who agreed to it, and only of what a person or an agent said. */
  #isKept(exchange: Exchange, { operation, classification }: Intake): boolean {
    const { mode } = this.#options
    const { request, principal } = exchange
    if (mode === 'off' || operation !== 'chat') return false
    if (mode === 'authenticated' && (principal === undefined || principal.id === 'anonymous')) return false
    if (classification.kind !== 'user' && classification.kind !== 'agent') return false
    if (principal?.recall === 'off' || request.headers['x-llmr-memory'] === 'off') return false
    // Of two llmr in a row the first one remembers.
    return !isFromGateway(exchange)
  }
}

function messagesOf({ chat, request }: Intake): readonly Message[] {
  return (chat?.request ?? (request.json && readChat(request.json).request))?.messages ?? []
}
