import { call, type CallReply } from '../../../backends/call.ts'
import { BackendFailure } from '../../../backends/failure.ts'
import type { Candidate } from '../../../core/candidate.ts'
import { LlmrError } from '../../../core/error.ts'
import { requireModel } from '../../../http/auth/authorize.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { judgeFailure } from '../../../resilience/judge-failure.ts'
import { readRequest } from '../../../dialects/openai/read-request.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { acceptHop, hopHeaders } from '../../request/hops.ts'
import { type ProbeParts, shownModel } from './shown-models.ts'

export interface EngineToolParts extends ProbeParts {
  readonly fleet: Fleet
  readonly instanceId: string
}

/** Longer than any tokenizer takes. */
const timeoutMs = 5_000

/**
 * What an engine does without computing a reply: tokens of a text, the prompt of a chat. The request and the reply are the
 * engine's own; of the model named in it, or the one that would serve. Nothing is loaded or woken for it.
 *
 * @throws LlmrError when the model is not in memory, or its engine does not answer
 */
export async function askEngineTool(exchange: Exchange, path: string, parts: EngineToolParts): Promise<void> {
  const { residency, instanceId, router } = parts
  acceptHop(exchange, instanceId)
  const body = await exchange.readBody()
  const { json = {}, model: named } = readRequest({ contentType: 'application/json', body, query: exchange.query })
  const name = named ?? shownModel(exchange, undefined, parts).id
  if (exchange.principal !== undefined) requireModel(exchange.principal, name)
  const model = router.catalogue.resolve(name)
  if (model === undefined) {
    throw new LlmrError('model_not_found', router.unknownModelMessage(name, exchange.principal), { param: 'model' })
  }
  exchange.record.requestedModel = name
  const candidate = model.candidates.find((place) => isInMemory(place, parts))
  if (candidate === undefined) throw notInMemory(name)

  const { requestId } = exchange.record
  const isManaged = residency?.managed.has(candidate.backend) === true
  if (isManaged && !residency.entrance.visit(requestId, candidate.backend)) throw notInMemory(name)
  try {
    const { status, text } = await ask(exchange, { candidate, path, json, parts })
    if (exchange.isClientGone) return
    exchange.reply(status, ['content-type', 'application/json'], Buffer.from(text))
  } finally {
    if (isManaged) residency.entrance.endVisit(requestId)
  }
}

function isInMemory({ backend, description }: Candidate, { residency, fleet }: EngineToolParts): boolean {
  if (residency?.managed.has(backend) === true) return residency.isLoaded(backend)
  return fleet.get(backend)?.isUp === true && description?.isLoaded !== false
}

interface Question {
  readonly candidate: Candidate
  readonly path: string
  readonly json: Readonly<Record<string, unknown>>
  readonly parts: EngineToolParts
}

async function ask(exchange: Exchange, { candidate, path, json, parts }: Question): Promise<CallReply> {
  const backend = parts.fleet.get(candidate.backend)
  if (backend === undefined) throw notInMemory(candidate.model)
  const { record } = exchange
  record.backend = candidate.backend
  record.model = candidate.model
  const cancel = new AbortController()
  exchange.onClientGone(() => cancel.abort(new Error('the client is gone')))
  try {
    return await call(backend.connection, {
      method: 'POST',
      path,
      json: { ...json, model: candidate.model },
      headers: backend.description?.kind === 'llmr' ? hopHeaders(exchange, parts.instanceId) : [],
      signal: AbortSignal.any([cancel.signal, AbortSignal.timeout(timeoutMs)]),
    })
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error
    throw new LlmrError(judgeFailure(error.causeClass).clientCode, error.message, { cause: error })
  } finally {
    exchange.onClientGone(undefined)
  }
}

function notInMemory(model: string): LlmrError {
  return new LlmrError(
    'invalid_request',
    `${model} is not in memory, and this request does not bring it there: it computes nothing. ` +
      'Ask it for a reply, or load it with POST /models/switch.',
    { status: 409, param: 'model' },
  )
}
