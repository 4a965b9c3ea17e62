import { BackendFailure } from '../../../backends/failure.ts'
import { openRaw, type RawAnswer, type RawExchange } from '../../../backends/raw/open-raw.ts'
import type { Candidate } from '../../../core/candidate.ts'
import { LlmrError } from '../../../core/error.ts'
import { requireModel } from '../../../http/auth/authorize.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { judgeFailure } from '../../../resilience/judge-failure.ts'
import type { BackendRuntime } from '../../fleet/backend-runtime.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import type { Residency } from '../../fleet/residency.ts'
import { acceptHop, hopHeaders } from '../../request/hops.ts'
import type { Router } from '../../request/router.ts'
import { findTarget, type UpstreamTarget } from './find-target.ts'
import { headersToClient, headersToEngine } from './passed-headers.ts'
import { relayRaw } from './relay-raw.ts'
import { relayTunnel } from './relay-tunnel.ts'
import { takeEngine } from './take-engine.ts'

export interface UpstreamParts {
  readonly router: Router
  readonly fleet: Fleet
  readonly residency: Residency | undefined
  readonly instanceId: string
}

/**
 * Lets a client speak to an engine itself: any method, any path, bodies streamed both ways, WebSockets. The model is brought
 * into memory where the request may do that, and stays there until the reply, or the tunnel, has ended.
 *
 * @param rest what follows `/upstream/`
 * @throws LlmrError when there is no such model, or its engine cannot be reached
 */
export async function answerUpstream(exchange: Exchange, rest: string, parts: UpstreamParts): Promise<void> {
  const { router, fleet, residency, instanceId } = parts
  acceptHop(exchange, instanceId)
  const target = findTarget(rest, (name) => router.knownModels.has(name))
  if (target === undefined) throw unknownModel(rest, exchange, router)
  if (exchange.principal !== undefined) requireModel(exchange.principal, target.model)
  if (target.path === '') return redirectToRoot(exchange, target)

  const candidate = chooseCandidate(target.model, parts)
  const { record } = exchange
  record.requestedModel = target.model
  const engine = await takeEngine({ exchange, candidate, path: target.path, fleet, residency })
  if (engine === undefined) return
  try {
    record.backend = candidate.backend
    record.model = candidate.model
    record.reason = 'upstream'
    exchange.note('sent', `${candidate.backend} ${target.path.slice(0, 100)}`)
    await speak(exchange, { target, candidate, backend: engine.backend, instanceId })
  } finally {
    engine.leave()
  }
}

interface Speech {
  readonly target: UpstreamTarget
  readonly candidate: Candidate
  readonly backend: BackendRuntime
  readonly instanceId: string
}

async function speak(exchange: Exchange, speech: Speech): Promise<void> {
  const { backend, target } = speech
  const { settings, limits } = backend
  const raw = openRaw(settings, limits, rawRequest(exchange, speech))
  exchange.onClientGone(() => raw.destroy())
  exchange.sendBodyTo(raw.body)
  const answer = await answerOf(raw, exchange)
  if (answer === undefined) return
  const { idleTimeoutMs } = limits
  const { tunnel } = exchange
  if (answer.kind === 'upgraded') {
    if (tunnel === undefined) answer.socket.destroy()
    else await relayTunnel(exchange, { tunnel, engine: answer, idleTimeoutMs })
    return
  }
  const { prefix } = target
  const engineUrl = settings.url
  const headers = headersToClient(answer.headers, { prefix, engineUrl })
  await relayRaw(exchange, { ...answer, headers }, { idleTimeoutMs, url: engineUrl })
}

function rawRequest(
  exchange: Exchange,
  { target, candidate, backend, instanceId }: Speech,
): Parameters<typeof openRaw>[2] {
  const { request, record, query, tunnel } = exchange
  const headers = headersToEngine(request.headers)
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked'
  headers['x-correlation-id'] = record.correlationId
  headers['x-forwarded-prefix'] = target.prefix
  let { path } = target
  if (backend.description?.kind === 'llmr') {
    // Its engines are behind a gateway of their own, which knows this path.
    path = `/upstream/${encodeURIComponent(candidate.model)}${path}`
    const hop = hopHeaders(exchange, instanceId)
    for (let index = 0; index + 1 < hop.length; index += 2) headers[hop[index] ?? ''] = hop[index + 1] ?? ''
  }
  return {
    method: record.method,
    path: query === '' ? path : `${path}?${query}`,
    headers,
    ...(tunnel !== undefined && { upgrade: 'websocket' }),
  }
}

/** Undefined when the client has left meanwhile. */
async function answerOf(raw: RawExchange, exchange: Exchange): Promise<RawAnswer | undefined> {
  try {
    return await raw.answer
  } catch (error) {
    if (exchange.isClientGone) return undefined
    if (!(error instanceof BackendFailure)) throw error
    throw new LlmrError(judgeFailure(error.causeClass).clientCode, error.message, { cause: error })
  }
}

/** The first that is well; where llmr starts it itself, it can be. */
function chooseCandidate(model: string, { router, fleet, residency }: UpstreamParts): Candidate {
  const candidates = router.catalogue.resolve(model)?.candidates ?? []
  const isWell = ({ backend }: Candidate): boolean =>
    residency?.managed.has(backend) === true || fleet.get(backend)?.isUp === true
  const candidate = candidates.find(isWell) ?? candidates[0]
  if (candidate !== undefined) return candidate
  throw new LlmrError(
    'no_backend_available',
    `No backend has "${model}" at this moment, so it has no engine to speak to.`,
  )
}

/** Relative links of the engine's pages lead below it only from there. */
function redirectToRoot(exchange: Exchange, { prefix }: UpstreamTarget): void {
  const { method } = exchange.record
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308
  const query = exchange.query === '' ? '' : `?${exchange.query}`
  exchange.reply(status, ['location', `${prefix}/${query}`], Buffer.alloc(0))
}

function unknownModel(rest: string, exchange: Exchange, router: Router): LlmrError {
  const [name = ''] = rest.split('/')
  return new LlmrError('model_not_found', router.unknownModelMessage(name, exchange.principal), { param: 'model' })
}
