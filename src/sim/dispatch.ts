import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

import type { Engine } from './engine.ts'
import { EngineError, httpErrors } from './engine-error.ts'
import type { Exchange } from './exchange.ts'
import type { Fault } from './fault.ts'
import type { Loading } from './loading.ts'
import { readRequest } from './read-request.ts'
import { Reply } from './reply.ts'
import type { Damage } from './reply.ts'
import type { ReceivedRequest, RequestLog, RequestOutcome } from './request-log.ts'
import { findRoute } from './routes.ts'

export interface DispatcherParts {
  readonly engine: Engine
  readonly log: RequestLog
  readonly loading: Loading
}

/** Answers each request: notes it, lets the faults strike that are meant for it, then asks its endpoint. */
export function createDispatcher(parts: DispatcherParts): RequestListener {
  return (incoming, response) => {
    void answer(parts, incoming, response)
  }
}

/** Never rejects. */
async function answer(parts: DispatcherParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { engine, log } = parts
  const life = new AbortController()
  const outcome = Promise.withResolvers<RequestOutcome>()
  let reply = replyTo(incoming, response, { damage: undefined, life })
  response.once('close', () => {
    outcome.resolve(outcomeOf(reply, response))
    life.abort()
  })
  try {
    const request = await readRequest(incoming, outcome.promise)
    log.add(request)
    const faults = request.path.startsWith('/sim/') ? [] : engine.faults.strike(request)
    reply = replyTo(incoming, response, { damage: faults.find(isDamage), life })
    if (await strike(faults, { engine, reply, signal: life.signal })) return
    await serve(parts, { request, reply, faults, signal: life.signal })
  } catch (error) {
    const isClientGone = life.signal.aborted || incoming.errored !== null
    if (!isClientGone) refuse(reply, error, engine)
  }
}

function replyTo(
  incoming: IncomingMessage,
  response: ServerResponse,
  { damage, life }: { damage: Damage | undefined; life: AbortController },
): Reply {
  return new Reply({ response, origin: incoming.headers.origin ?? '', damage, onCut: () => life.abort() })
}

function outcomeOf(reply: Reply, response: ServerResponse): RequestOutcome {
  if (reply.isBroken) return 'broken'
  return response.writableFinished ? 'answered' : 'abandoned'
}

function isDamage(fault: Fault): fault is Damage {
  return fault.type === 'die-mid-stream' || fault.type === 'half-close' || fault.type === 'garbage'
}

interface Struck {
  readonly engine: Engine
  readonly reply: Reply
  readonly signal: AbortSignal
}

/** Lets those faults strike that come before any work. True when they were all the answer there will be. */
async function strike(faults: readonly Fault[], { engine, reply, signal }: Struck): Promise<boolean> {
  for (const fault of faults) {
    switch (fault.type) {
      case 'stderr-noise':
        engine.settings.print(fault.text ?? 'ggml: warning: simulated noise on stderr')
        break
      case 'hang':
        if (!signal.aborted) await once(signal, 'abort')
        return true
      case 'status':
        sendStatus(reply, fault)
        return true
      default: // strikes later, or by an event
    }
  }
  return false
}

function sendStatus(reply: Reply, fault: Extract<Fault, { readonly type: 'status' }>): void {
  const { status, body, retryAfterSeconds } = fault
  if (retryAfterSeconds !== undefined) reply.setHeader('Retry-After', String(retryAfterSeconds))
  if (typeof body === 'string') return reply.sendText({ status, type: 'text/plain; charset=utf-8', text: body })
  const usual = { error: { code: status, message: `Simulated fault: status ${status}`, type: 'server_error' } }
  reply.sendJson(status, body ?? usual)
}

interface Serving {
  readonly request: ReceivedRequest
  readonly reply: Reply
  readonly faults: readonly Fault[]
  readonly signal: AbortSignal
}

async function serve({ engine, loading }: DispatcherParts, serving: Serving): Promise<void> {
  const { request, reply, faults, signal } = serving
  const isControl = request.path.startsWith('/sim/')
  if (loading.isLoading && !isControl) return reply.sendJson(503, httpErrors.loading)
  if (!isAllowed(request, engine.settings.apiKey)) return reply.sendJson(401, httpErrors.unauthorized)
  const route = findRoute(request)
  if (!route) return reply.sendJson(404, httpErrors.notFound)
  const slow = faults.find((fault) => fault.type === 'slow-first-token')
  const exchange: Exchange = {
    engine,
    request,
    reply,
    signal,
    script: engine.settings.script(request),
    parameters: route.parameters,
    firstTokenDelayMs: slow?.delayMs ?? 0,
  }
  await route.endpoint(exchange)
}

/** The engine lets health checks through without a key. */
function isAllowed({ path, headers }: ReceivedRequest, apiKey: string | undefined): boolean {
  if (apiKey === undefined || path.endsWith('/health')) return true
  return headers.authorization === `Bearer ${apiKey}` || headers['x-api-key'] === apiKey
}

function refuse(reply: Reply, thrown: unknown, engine: Engine): void {
  const error =
    thrown instanceof EngineError
      ? thrown
      : new EngineError({ status: 500, type: 'server_error', message: String(thrown) })
  if (thrown !== error) engine.settings.print(`simulated engine: ${String(thrown)}`)
  if (reply.hasBegun) reply.endStream()
  else reply.sendJson(error.status, error.body)
}
