import type { MemoryScope } from '../../../core/memory-scope.ts'
import { tenantOf } from '../../../core/tenant.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { principalOf } from '../principal-of.ts'

/** Whose conversations and responses a request may see, and be kept among. */
export function scopeOf(exchange: Pick<Exchange, 'principal'>): MemoryScope {
  return { tenant: tenantOf(exchange.principal), principal: principalOf(exchange) }
}
