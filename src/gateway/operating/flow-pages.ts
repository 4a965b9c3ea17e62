import { LlmrError } from '../../core/error.ts'
import type { Flow } from '../../core/flow.ts'
import { maySeeTenant, tenantOf } from '../../core/tenant.ts'
import { flowOf } from '../../events/flow-of.ts'
import type { Exchange } from '../../http/exchange.ts'
import { everyTenant } from '../../store/every-tenant.ts'
import type { StoreAccess } from '../../store/store-access.ts'
import type { RecentRequests } from '../../telemetry/recent-requests.ts'

export interface FlowParts {
  /** Absent where nothing is told: then it is not opened for this. */
  readonly flowStore: StoreAccess | undefined
  /** Requests that have ended and may not be in the store yet, or never. */
  readonly recent: RecentRequests
}

/** An embedded database takes seconds to open. */
const storeTimeoutMs = 15_000
const flowsMax = 100

/**
 * Every flow with an id, within what the caller may see. What the store does not know is told from memory.
 *
 * @throws LlmrError `invalid_request`; a store that does not answer is no failure, but said
 */
export async function flowsFor(exchange: Exchange, { flowStore, recent }: FlowParts): Promise<object> {
  const id = new URLSearchParams(exchange.query).get('id') ?? ''
  if (id === '') throw new LlmrError('invalid_request', 'Say which request: ?id=ID.', { param: 'id' })
  const { principal } = exchange
  const tenant = principal?.seesEveryTenant === true ? undefined : tenantOf(principal)
  const outcome = await flowStore
    ?.budget({ tenant: tenant ?? everyTenant }, storeTimeoutMs)
    .spend(({ flows }) => flows.find({ id, tenant, most: flowsMax }))
  const kept: readonly Flow[] = outcome?.type === 'done' ? outcome.value : []
  const known = new Set(kept.map(({ requestId }) => requestId))
  const latest = recent
    .find(id)
    .filter((record) => !known.has(record.requestId) && maySeeTenant(principal, record.tenant))
    .map((record) => flowOf(record))
  return { flows: [...kept, ...latest], is_store_read: outcome?.type === 'done' }
}
