import { LlmrError } from '../../../core/error.ts'
import type { Candidate } from '../../../core/candidate.ts'
import { anonymous } from '../../../http/auth/anonymous.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { BackendRuntime } from '../../fleet/backend-runtime.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { Residency } from '../../fleet/residency.ts'
import { principalOf } from '../../request/principal-of.ts'
import { neverLoads } from './never-loads.ts'

/** An engine that stays until `leave`. */
export interface TakenEngine {
  readonly backend: BackendRuntime
  leave(): void
}

export interface TakeParts {
  readonly exchange: Exchange
  readonly candidate: Candidate
  readonly path: string
  readonly fleet: Fleet
  readonly residency: Residency | undefined
}

/**
 * The engine of a model, held so that no swap takes it away while it is spoken to. What may do work there (a POST)
 * takes its turn like every request to the model. What only looks takes nobody's turn, and neither does a WebSocket: it may
 * stay for days with nothing to do. A swap waits for both, WebSockets for no longer than the drain time-out.
 *
 * @returns undefined when the client has gone
 * @throws LlmrError when it is not there and this request does not bring it, or it does not come
 */
export async function takeEngine(parts: TakeParts): Promise<TakenEngine | undefined> {
  const { exchange, candidate, fleet, residency } = parts
  const { requestId } = exchange.record
  if (residency?.managed.has(candidate.backend) !== true) {
    const backend = fleet.get(candidate.backend)
    if (backend === undefined) throw goneAgain(candidate)
    backend.sent(candidate.model, requestId)
    return { backend, leave: () => backend.lost(candidate.model, requestId) }
  }
  const { backend: name } = candidate
  if (!['GET', 'HEAD', 'OPTIONS'].includes(exchange.record.method)) return takeTurn(parts, residency)
  if (!residency.entrance.visit(requestId, name)) {
    if (!mayLoad(parts)) throw notInMemory(name)
    await residency.entrance
      .load(name, (cancel) => exchange.onClientGone(cancel))
      .finally(() => exchange.onClientGone(undefined))
    if (exchange.isClientGone) return undefined
    if (!residency.entrance.visit(requestId, name)) throw goneAgain(candidate)
  }
  return held(parts, () => residency.entrance.endVisit(requestId))
}

async function takeTurn(parts: TakeParts, residency: Residency): Promise<TakenEngine | undefined> {
  const { exchange, candidate } = parts
  const { requestId } = exchange.record
  const outcome = await residency.entrance
    .enter({
      requestId,
      model: candidate.backend,
      lane: 'interactive',
      principal: principalOf(exchange),
      onCancel: (cancel) => exchange.onClientGone(cancel),
    })
    .finally(() => exchange.onClientGone(undefined))
  return outcome === 'gone' ? undefined : held(parts, () => residency.entrance.leave(requestId))
}

function held({ exchange, candidate, fleet }: TakeParts, release: () => void): TakenEngine {
  const backend = fleet.get(candidate.backend)
  if (backend === undefined) {
    release()
    throw goneAgain(candidate)
  }
  const { requestId } = exchange.record
  backend.sent(candidate.model, requestId)
  return {
    backend,
    leave: () => {
      backend.lost(candidate.model, requestId)
      release()
    },
  }
}

/** A GET changes nothing without a key: a page could make any browser send it. */
function mayLoad({ exchange, path }: TakeParts): boolean {
  const { method } = exchange.record
  if (neverLoads({ method, path })) return false
  return method !== 'GET' || exchange.principal !== anonymous
}

function notInMemory(model: string): LlmrError {
  return new LlmrError(
    'invalid_request',
    `${model} is not in memory, and this request does not bring it there: one that only looks never does, and a GET only ` +
      `with a key. Load it with \`llmr models load ${model}\` or POST /models/switch.`,
    { status: 409 },
  )
}

function goneAgain({ backend }: Candidate): LlmrError {
  return new LlmrError('no_backend_available', `${backend} ended as soon as it was there; ask again.`, {
    retryAfterSeconds: 1,
  })
}
