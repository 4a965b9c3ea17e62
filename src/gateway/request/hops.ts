import { LlmrError } from '../../core/error.ts'
import type { Exchange } from '../../http/exchange.ts'
import { loadingHeader } from './loading-state.ts'
import { principalOf } from './principal-of.ts'

/** A chain longer than this is a mistake even without a circle. */
const hopsMax = 8

/**
 * Refuses a request that has passed through this gateway already: two that name each other as backends would send it
 * round for ever. One that a trusted gateway passes on counts as its own principal's.
 *
 * @throws LlmrError `hop_loop`
 */
export function acceptHop(exchange: Exchange, instanceId: string): void {
  const given = exchange.request.headers['x-llmr-hop']
  if (given === undefined) return
  const hops = String(given).split(',')
  if (hops.length >= hopsMax || hops.some((hop) => hop.trim() === instanceId)) {
    throw new LlmrError(
      'hop_loop',
      'This request has come through this gateway before: two gateways name each other as backends. ' +
        'Take one of the two entries out.',
      { isRetryable: false },
    )
  }
  const { principal } = exchange
  const behalf = exchange.request.headers['x-llmr-principal']
  if (principal?.scopes.has('gateway') !== true || typeof behalf !== 'string' || behalf === '') return
  exchange.principal = { ...principal, id: `${principal.id}/${behalf.slice(0, 128)}` }
  exchange.record.principal = exchange.principal.id
}

/** Another gateway stands before this one: whatever is done to requests and replies, it has done. */
export function isFromGateway({ request }: Exchange): boolean {
  return request.headers['x-llmr-hop'] !== undefined
}

/** What the next gateway is told: where the request has been, and on whose behalf it comes. */
export function hopHeaders(exchange: Exchange, instanceId: string): string[] {
  const before = exchange.request.headers['x-llmr-hop']
  const hops = before === undefined ? instanceId : `${String(before)},${instanceId}`
  const principal = principalOf(exchange)
  const loading = exchange.request.headers[loadingHeader]
  return [
    'x-llmr-hop',
    hops,
    'x-llmr-principal',
    encodeURIComponent(principal.toWellFormed()),
    ...(loading === undefined ? [] : [loadingHeader, String(loading)]),
  ]
}
