import { LlmrError } from '../core/error.ts'
import type { Exchange } from '../http/exchange.ts'
import { readRequest } from '../dialects/openai/read-request.ts'
import { matchRoute } from '../http/routes.ts'
import type { RecentRequests } from '../telemetry/recent-requests.ts'
import type { Fleet } from './fleet.ts'
import type { Identity } from './health-pages.ts'
import { takeInBody } from './intake.ts'
import type { Router } from './router.ts'

export interface AdminParts {
  readonly identity: Identity
  readonly fleet: Fleet
  readonly router: Router
  readonly recent: RecentRequests
  readonly configFile: string | undefined
  readonly startedAtS: number
  readonly url: string
  readonly reload: () => Promise<void>
}

type Resource = (exchange: Exchange, parts: AdminParts) => unknown

/** What operator commands ask for, by method and path below `/llmr/v1/`. */
const resources: Readonly<Record<string, Resource>> = {
  'GET status': (_, { identity, fleet, router, configFile, startedAtS, url }) => ({
    ...identity,
    url,
    config_file: configFile,
    started_at: new Date(startedAtS * 1000).toISOString(),
    backends: fleet.all.map((backend) => backend.standing()),
    models: router.catalogue.list(),
  }),
  'GET backends': (_, { fleet }) => ({ backends: fleet.all.map((backend) => backend.standing()) }),
  'GET models': (_, { router }) => ({ models: router.catalogue.list() }),
  'GET requests': (exchange, { recent }) => {
    const id = new URLSearchParams(exchange.query).get('id')
    return { requests: id === null ? recent.latest(100) : recent.find(id) }
  },
  'POST route/explain': (exchange, { router }) => explainRoute(exchange, router),
  'POST reload': async (_, { reload }) => {
    await reload()
    return { reloaded: true }
  },
}

/** @throws LlmrError `route_not_found` */
export async function answerAdmin(exchange: Exchange, resource: string, parts: AdminParts): Promise<void> {
  const answer = resources[`${exchange.record.method} ${resource}`]
  if (answer === undefined) {
    throw new LlmrError('route_not_found', `The admin API has ${Object.keys(resources).join(', ')}.`)
  }
  exchange.replyJson(200, await answer(exchange, parts))
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
