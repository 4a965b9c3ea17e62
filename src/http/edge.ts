import type { Clock } from '../core/clock.ts'
import type { LlmrError } from '../core/error.ts'
import type { Principal } from '../core/principal.ts'
import { tenantOf } from '../core/tenant.ts'
import { anonymous } from './auth/anonymous.ts'
import type { Authenticator } from './auth/authenticator.ts'
import { requireScope } from './auth/authorize.ts'
import type { BrowserGuard } from './auth/browser-guard.ts'
import { credentialForms } from './auth/credentials.ts'
import { isLoopbackHost } from './auth/loopback.ts'
import { createPrincipalLimits, type PrincipalLimits } from './auth/principal-limits.ts'
import { unauthenticated } from './auth/unauthenticated.ts'
import type { ClientOf } from './auth/trusted-proxies.ts'
import type { Exchange } from './exchange.ts'
import { matchRoute } from './routes.ts'
import type { Route } from './routes/route.ts'

/** What of the edge a reload replaces. */
export interface EdgePolicy {
  readonly guard: BrowserGuard
  readonly authenticator: Authenticator
  readonly clientOf: ClientOf
}

export interface Edge {
  /**
   * Lets a request in, or not: who may be talking to us at all, what they want, who they are, whether they may.
   *
   * @returns the route, or undefined when the request is answered already
   * @throws LlmrError in the order of the numbered steps
   */
  admit(exchange: Exchange, path: string): Route | undefined | Promise<Route | undefined>
  replace(policy: EdgePolicy): void
}

export function createEdge(initial: EdgePolicy, clock: Clock): Edge {
  let policy = initial
  const limits = createPrincipalLimits(clock)

  return {
    replace: (next) => {
      policy = next
    },
    admit(exchange, path) {
      const { guard, authenticator, clientOf } = policy
      const { request, record } = exchange
      const { headers } = request
      const { socket } = request
      const isEncrypted = 'encrypted' in socket && socket.encrypted === true
      record.clientAddress = clientOf({ address: socket.remoteAddress, isEncrypted }, headers).address

      // 1. No web page that the operator did not name.
      for (const [name, value] of Object.entries(guard.corsHeaders(headers) ?? {})) exchange.addHeader(name, value)
      const preflight = guard.preflightHeaders(record.method, headers)
      if (preflight !== undefined) {
        exchange.reply(204, Object.entries(preflight).flat(), Buffer.alloc(0))
        return undefined
      }
      guard.check(record.method, headers)

      // 2. A path that means something.
      const route = matchRoute(record.method, path)
      record.route = route.name
      exchange.dialect = route.dialect
      const { requestIdHeader } = route.dialect
      if (requestIdHeader !== undefined) exchange.addHeader(requestIdHeader, record.requestId)
      if (route.scope === undefined) return route

      // 3. Somebody who may.
      const principal = authenticator.authenticate(headers)
      return principal instanceof Promise
        ? principal.then((known) => authorize(exchange, route, known, limits))
        : authorize(exchange, route, principal, limits)
    },
  }
}

function authorize(exchange: Exchange, route: Route, principal: Principal, limits: PrincipalLimits): Route {
  exchange.principal = principal
  exchange.record.principal = principal.id
  exchange.record.tenant = tenantOf(principal)
  if (route.scope !== undefined && !isOwnMetrics(exchange, route)) requireScope(principal, route.scope, route.alsoScope)
  if (route.needsKey === true && principal === anonymous) throw needsKey(exchange.record.method)
  // 4. Not more than they may.
  if (route.purpose === 'operation') exchange.onClose(limits.acquire(principal))
  return route
}

function needsKey(method: string): LlmrError {
  return unauthenticated(
    `A ${method} that changes something needs a key, also where nothing else does: any web page can link to it. ` +
      `Send it as POST, or with a key as ${credentialForms}.`,
  )
}

/** Whoever is on this machine may read its figures with any key. */
function isOwnMetrics(exchange: Exchange, route: Route): boolean {
  return route.scope === 'metrics' && isLocalCaller(exchange)
}

/**
 * A program on this machine, and not a proxy on it that nobody told us to trust: such a one speaks for others, and says
 * so.
 */
export function isLocalCaller({ request, record }: Exchange): boolean {
  const { headers } = request
  if (headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined) return false
  return isLoopbackHost(record.clientAddress ?? '')
}
