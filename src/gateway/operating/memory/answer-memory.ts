import { LlmrError } from '../../../core/error.ts'
import { flagAt, textAt } from '../../../core/foreign-json.ts'
import type { Forgotten, ForgetWish, FoundText, ShownConversation } from '../../../core/memory-record.ts'
import { tenantOf } from '../../../core/tenant.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { questionWords } from '../../../memory/recall/question-words.ts'
import type { Store } from '../../../store/open-store.ts'
import type { StoreAccess } from '../../../store/store-access.ts'
import type { Recaller } from '../../request/memory/recaller.ts'
import { readJsonBody } from '../read-json-body.ts'
import { expectKey } from '../expect-key.ts'

export interface MemoryParts {
  /** Absent: this gateway was started without one. */
  readonly store: Pick<StoreAccess, 'opened'> | undefined
  readonly recaller: Recaller | undefined
}

/** Found at most when nobody says how many. */
const usualMost = 20
const mostMax = 1_000

/** `GET memory/show?id=&tenant=`: conversations, by their id or that of a request in them. */
export async function showMemory(exchange: Exchange, parts: MemoryParts): Promise<{ conversations: unknown }> {
  const query = askedBy(exchange)
  const tenant = tenantShown(exchange, query.get('tenant'))
  const { records } = within(await opened(parts), tenant)
  const conversations: readonly ShownConversation[] = await records.show(query.get('id') ?? '', { tenant })
  return { conversations }
}

/** `GET memory/search?q=&principal=&tenant=&most=`: rounds in which the words stand. */
export async function searchMemory(exchange: Exchange, parts: MemoryParts): Promise<{ found: readonly FoundText[] }> {
  const query = askedBy(exchange)
  const asked = Number(query.get('most') ?? usualMost)
  const most = Number.isInteger(asked) && asked > 0 ? Math.min(asked, mostMax) : usualMost
  const words = questionWords(query.get('q') ?? '')
  const tenant = tenantShown(exchange, query.get('tenant'))
  const { records } = within(await opened(parts), tenant)
  return { found: await records.search({ words, most, principal: query.get('principal') ?? undefined, tenant }) }
}

/**
 * `POST memory/forget` with `conversation` or `principal`, a tenant from those who see all of them, and `is_trial` from those
 * who want to know first what that would be.
 */
export async function forgetMemory(exchange: Exchange, parts: MemoryParts): Promise<Forgotten> {
  expectKey(exchange)
  const wish = readWish(await readJsonBody(exchange), exchange)
  const store = await opened(parts)
  if (wish.isTrial !== true) parts.recaller?.forget()
  return store.forget(wish)
}

function askedBy(exchange: Exchange): URLSearchParams {
  expectKey(exchange)
  return new URLSearchParams(exchange.query)
}

function readWish(body: unknown, exchange: Exchange): ForgetWish {
  const tenant = tenantShown(exchange, textAt(body, 'tenant'))
  const conversation = textAt(body, 'conversation')
  const principal = textAt(body, 'principal')
  const isTrial = flagAt(body, 'is_trial') === true
  const bounds = { isTrial, ...(tenant !== undefined && { tenant }) }
  if (conversation !== undefined && principal === undefined) return { conversation, ...bounds }
  if (principal !== undefined && conversation === undefined) return { principal, ...bounds }
  throw new LlmrError('invalid_request', 'Expected "conversation" or "principal", and not both.')
}

/** Operators of one tenant are shown its conversations and no others, whatever they ask for. Undefined: everybody's. */
function tenantShown({ principal }: Exchange, asked: string | null | undefined): string | undefined {
  return principal?.seesEveryTenant === true ? (asked ?? undefined) : tenantOf(principal)
}

function within(store: Store, tenant: string | undefined): Pick<Store, 'records'> {
  return tenant === undefined ? store : store.within(tenant)
}

async function opened({ store }: MemoryParts): Promise<Store> {
  if (store === undefined) throw new LlmrError('not_supported', 'This gateway was started without a store.')
  return store.opened()
}
