import { adapterOf } from '../../backends/adapter-of.ts'
import { call, expectJson } from '../../backends/call.ts'
import { writeChatRequest } from '../../backends/chat/write-chat-request.ts'
import { openApi } from '../../backends/describe-backend.ts'
import { BackendFailure } from '../../backends/failure.ts'
import type { Candidate } from '../../core/candidate.ts'
import { numberAt } from '../../core/foreign-json.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { BackendRuntime } from '../fleet/backend-runtime.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { acceptHop, hopHeaders } from './hops.ts'
import { type Intake, type Recalling, takeIn } from './intake.ts'
import type { Router } from './router.ts'

export interface CountParts {
  readonly router: Router
  readonly fleet: Fleet
  readonly replies: Recalling
  readonly instanceId: string
}

/** Who counted, in the reply's headers. */
const sourceHeader = 'x-llmr-token-count'

/** Longer than any tokenizer takes, shorter than a client waits for what only helps it plan. */
const countTimeoutMs = 5_000

/**
 * How many tokens the prompt of a chat has: counted by an engine that has the model in memory, else estimated, which the
 * reply says. No model is loaded for it, and an engine that cannot say is no failure.
 *
 * @throws LlmrError when the model is not known or may not be used
 */
export async function answerTokenCount(exchange: Exchange, parts: CountParts): Promise<void> {
  acceptHop(exchange, parts.instanceId)
  const intake = await takeIn(exchange, 'chat', parts.replies)
  if (exchange.isClientGone) return
  const decision = parts.router.decide(exchange, withoutDemands(intake))
  const counted = await countAtEngine(exchange, { ...parts, intake, candidates: decision.candidates })
  exchange.note('counted', counted === undefined ? 'estimate' : 'engine')
  exchange.addHeader(sourceHeader, counted === undefined ? 'estimate' : 'engine')
  exchange.replyJson(200, { ...exchange.dialect.tokenCountFields, input_tokens: counted ?? intake.approximateTokens })
}

/** A prompt is counted however long it is, and whether or not the model can see the pictures in it. */
function withoutDemands(intake: Intake): Intake {
  const { outline } = intake
  return { ...intake, approximateTokens: 0, outline: outline && { ...outline, maxTokens: undefined, hasImages: false } }
}

interface Count extends CountParts {
  readonly intake: Intake
  readonly candidates: readonly Candidate[]
}

/** Pictures are no text: what they come to, only a reply tells. */
async function countAtEngine(exchange: Exchange, count: Count): Promise<number | undefined> {
  if (count.intake.outline?.hasImages === true) return undefined
  const cancel = new AbortController()
  exchange.onClientGone(() => cancel.abort(new Error('the client is gone')))
  const signal = AbortSignal.any([cancel.signal, AbortSignal.timeout(countTimeoutMs)])
  for (const { backend: name, model, description } of count.candidates) {
    const backend = description?.isLoaded === false ? undefined : count.fleet.get(name)
    if (backend === undefined) continue
    try {
      const ask = isGateway(backend) ? askGateway : askEngine
      const tokens = await ask(exchange, { ...count, backend, model, signal })
      if (tokens !== undefined) return tokens
    } catch (error) {
      if (exchange.isClientGone) return undefined
      if (!(error instanceof BackendFailure)) throw error
      exchange.note('not-counted', `${name}: ${error.causeClass}`)
    }
  }
  return undefined
}

interface Ask extends Count {
  readonly backend: BackendRuntime
  readonly model: string
  readonly signal: AbortSignal
}

async function askEngine(_exchange: Exchange, { backend, model, intake, signal }: Ask): Promise<number | undefined> {
  const adapter = adapterOf(backend.description?.kind ?? backend.settings.kind)
  if (intake.chat === undefined || adapter.countTokens === undefined) return undefined
  const body = writeChatRequest(intake.chat.request, { model, abilities: adapter.chat(backend.settings) })
  return adapter.countTokens(openApi(backend.connection, { timeoutMs: countTimeoutMs, signal }), { model, body })
}

/** The engine is behind another gateway, which speaks the client's dialect as well. An estimate of its is none here. */
async function askGateway(exchange: Exchange, { backend, model, intake, signal, instanceId }: Ask) {
  const reply = await call(backend.connection, {
    method: 'POST',
    path: exchange.record.path,
    json: { ...intake.request.json, model },
    headers: hopHeaders(exchange, instanceId),
    signal,
  })
  const json = expectJson(backend.connection, reply)
  return reply.headers[sourceHeader] === 'engine' ? numberAt(json, 'input_tokens') : undefined
}

function isGateway({ description, settings }: BackendRuntime): boolean {
  return (description?.kind ?? settings.kind) === 'llmr'
}
