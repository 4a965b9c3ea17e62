import { LlmrError } from '../../core/error.ts'
import { numberAt, textAt } from '../../core/foreign-json.ts'
import { maySeeTenant } from '../../core/tenant.ts'
import type { Exchange } from '../../http/exchange.ts'
import { readRequest } from '../../dialects/openai/read-request.ts'
import { matchRoute } from '../../http/routes.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { eventConsumers, eventDeadLetters, type EventParts, eventSpool, redriveEvent } from './event-pages.ts'
import { type ExportParts, exportFor } from './export/export-pages.ts'
import { type FlowParts, flowsFor } from './flow-pages.ts'
import type { Identity } from './health-pages.ts'
import { forgetMemory, type MemoryParts, searchMemory, showMemory } from './memory/answer-memory.ts'
import { readJsonBody } from './read-json-body.ts'
import { takeInBody } from '../request/intake.ts'
import type { Recordings } from './recording/recordings.ts'
import type { Residency } from '../fleet/residency.ts'
import type { Router } from '../request/router.ts'
import { tailBus } from './tail-page.ts'

export interface AdminParts extends MemoryParts, FlowParts, ExportParts, EventParts {
  readonly identity: Identity
  readonly fleet: Fleet
  readonly router: Router
  readonly recordings: Recordings
  readonly residency: Residency | undefined
  readonly configFile: string | undefined
  readonly startedAtS: number
  readonly url: string
  readonly reload: () => Promise<void>
}

type Resource = (exchange: Exchange, parts: AdminParts) => unknown

/** What operator commands ask for, by method and path below `/llmr/v1/`. */
const resources: Readonly<Record<string, Resource>> = {
  'GET status': (_, { identity, fleet, router, recordings, configFile, startedAtS, url }) => ({
    ...identity,
    url,
    config_file: configFile,
    started_at: new Date(startedAtS * 1000).toISOString(),
    backends: fleet.all.map((backend) => backend.standing()),
    models: router.catalogue.list(),
    recordings: recordings.standing(),
  }),
  'GET backends': (_, { fleet }) => ({ backends: fleet.all.map((backend) => backend.standing()) }),
  'GET models': (_, { router }) => ({ models: router.catalogue.list() }),
  'GET requests': (exchange, { recent }) => {
    const id = new URLSearchParams(exchange.query).get('id')
    const seen = id === null ? recent.latest(Number.POSITIVE_INFINITY) : recent.find(id)
    const own = seen.filter(({ tenant }) => maySeeTenant(exchange.principal, tenant))
    return { requests: id === null ? own.slice(0, 100) : own }
  },
  'GET events/consumers': (_, parts) => eventConsumers(parts),
  'GET events/spool': (_, parts) => eventSpool(parts),
  'GET events/dead-letters': (exchange, parts) => eventDeadLetters(exchange, parts),
  'GET events/tail': (exchange, parts) => tailBus(exchange, parts),
  'POST events/redrive': (exchange, parts) => redriveEvent(exchange, parts),
  'GET export': (exchange, parts) => exportFor(exchange, parts),
  'GET flows': (exchange, parts) => flowsFor(exchange, parts),
  'GET instances': (_, { residency }) => ({ instances: residency?.status() ?? [] }),
  'GET logs': (exchange, { residency }) => {
    const model = new URLSearchParams(exchange.query).get('model') ?? ''
    const logs = residency?.logs(model)
    if (logs === undefined)
      throw new LlmrError('model_not_found', `There is no profile "${model}".`, { param: 'model' })
    return { model, lines: logs.lines() }
  },
  'POST models/load': (exchange, parts) =>
    change(exchange, parts, async ({ model }, residency) => residency.entrance.load(model)),
  'POST models/unload': (exchange, parts) =>
    change(exchange, parts, async ({ model }, residency) => residency.unload(model === '' ? undefined : model)),
  'POST models/pin': (exchange, parts) =>
    change(exchange, parts, async ({ model, forMs }, residency) => residency.pin(model, forMs)),
  'GET memory/show': showMemory,
  'GET memory/search': searchMemory,
  'POST memory/forget': forgetMemory,
  'POST route/explain': (exchange, { router }) => explainRoute(exchange, router),
  'POST reload': async (_, { reload }) => {
    await reload()
    return { reloaded: true }
  },
}

/** `model` in the body, and for a pin `for_ms`; answers when it is done. */
async function change(
  exchange: Exchange,
  { residency }: AdminParts,
  carryOut: (wish: { model: string; forMs: number }, residency: Residency) => Promise<void>,
): Promise<unknown> {
  if (residency === undefined) return noResidency()
  const body = await readJsonBody(exchange)
  await carryOut({ model: textAt(body, 'model') ?? '', forMs: numberAt(body, 'for_ms') ?? 0 }, residency)
  return { done: true }
}

export function noResidency(): never {
  throw new LlmrError('not_supported', 'This gateway starts no engines: there are no profiles in its configuration.')
}

/** @throws LlmrError `route_not_found` */
export async function answerAdmin(exchange: Exchange, resource: string, parts: AdminParts): Promise<void> {
  const answer = resources[`${exchange.record.method} ${resource}`]
  if (answer === undefined) {
    throw new LlmrError('route_not_found', `The admin API has ${Object.keys(resources).join(', ')}.`)
  }
  const reply = await answer(exchange, parts)
  if (reply !== undefined) exchange.replyJson(200, reply) // else it was a stream, and is over
}

/**
 * Decides about a request without sending it. The body is the request itself; the path it would go to and the headers
 * that matter come in `x-llmr-explain-path` and as they are.
 */
async function explainRoute(exchange: Exchange, router: Router): Promise<unknown> {
  const path = exchange.request.headers['x-llmr-explain-path'] ?? '/v1/chat/completions'
  const route = matchRoute('POST', String(path))
  if (route.purpose !== 'operation') {
    throw new LlmrError('invalid_request', `${String(path)} is not the path of a request to a model.`)
  }
  const body = await exchange.readBody()
  const contentType = exchange.request.headers['content-type']
  const request = readRequest({ contentType, body, query: '' })
  const intake = takeInBody({ exchange, operation: route.operation, request, body, contentType })
  return router.explain(exchange, intake)
}
