import type { MemoryScope } from '../../../core/memory-scope.ts'
import { tenantOf } from '../../../core/tenant.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { principalOf } from '../principal-of.ts'
import { userOf } from './user-of.ts'

/**
 * Whose conversations and responses a request may see, and be kept among: those of its key or token, or of one user of a key
 * that is trusted to tell its users apart.
 */
export function scopeOf(exchange: Pick<Exchange, 'principal' | 'request'>): MemoryScope {
  const user = userOf(exchange)
  const principal = principalOf(exchange)
  return {
    tenant: tenantOf(exchange.principal),
    // No key's name has a slash in it, so what one key's users are called is never what another is called.
    principal: user === undefined ? principal : `${principal}/${user}`,
  }
}
