import { defaultTenant, type MemoryScope } from '../../../core/memory-scope.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { principalOf } from '../principal-of.ts'

/** Whose conversations a request may see, and be kept among. */
export function scopeOf(exchange: Pick<Exchange, 'principal'>): MemoryScope {
  return { tenant: defaultTenant, principal: principalOf(exchange) }
}
