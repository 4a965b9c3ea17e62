import { LlmrError } from '../../../core/error.ts'
import { textAt } from '../../../core/foreign-json.ts'
import type { Forgotten, ForgetWish, FoundText, ShownConversation } from '../../../core/memory-record.ts'
import type { Principal } from '../../../core/principal.ts'
import { tenantOf } from '../../../core/tenant.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { questionWords } from '../../../memory/recall/question-words.ts'
import type { Store } from '../../../store/open-store.ts'
import type { StoreAccess } from '../../../store/store-access.ts'
import type { Recaller } from '../../request/memory/recaller.ts'
import { readJsonBody } from '../read-json-body.ts'

export interface MemoryParts {
  /** Absent: this gateway was started without one. */
  readonly store: Pick<StoreAccess, 'opened'> | undefined
  readonly recaller: Recaller | undefined
}

/** Found at most when nobody says how many. */
const usualMost = 20
const mostMax = 1_000

/** `GET memory/show?id=`: conversations, by their id or that of a request in them. */
export async function showMemory(exchange: Exchange, parts: MemoryParts): Promise<{ conversations: unknown }> {
  const id = new URLSearchParams(exchange.query).get('id') ?? ''
  const conversations: readonly ShownConversation[] = await seenBy(
    exchange.principal,
    await opened(parts),
  ).records.show(id)
  return { conversations }
}

/** `GET memory/search?q=&principal=&most=`: rounds in which the words stand. */
export async function searchMemory(exchange: Exchange, parts: MemoryParts): Promise<{ found: readonly FoundText[] }> {
  const query = new URLSearchParams(exchange.query)
  const asked = Number(query.get('most') ?? usualMost)
  const most = Number.isInteger(asked) && asked > 0 ? Math.min(asked, mostMax) : usualMost
  const words = questionWords(query.get('q') ?? '')
  const { records } = seenBy(exchange.principal, await opened(parts))
  return { found: await records.search({ words, most, principal: query.get('principal') ?? undefined }) }
}

/** `POST memory/forget` with `conversation` or `principal`, and a tenant from those who see all of them. */
export async function forgetMemory(exchange: Exchange, parts: MemoryParts): Promise<Forgotten> {
  const wish = readWish(await readJsonBody(exchange), exchange.principal)
  const store = await opened(parts)
  parts.recaller?.forget()
  return store.forget(wish)
}

function readWish(body: unknown, asking: Principal | undefined): ForgetWish {
  const tenant = asking?.seesEveryTenant === true ? textAt(body, 'tenant') : tenantOf(asking)
  const conversation = textAt(body, 'conversation')
  const principal = textAt(body, 'principal')
  if (conversation !== undefined && principal === undefined)
    return { conversation, ...(tenant !== undefined && { tenant }) }
  if (principal !== undefined && conversation === undefined)
    return { principal, ...(tenant !== undefined && { tenant }) }
  throw new LlmrError('invalid_request', 'Expected "conversation" or "principal", and not both.')
}

/** Operators of one tenant are shown its conversations and no others. */
function seenBy(principal: Principal | undefined, store: Store): Pick<Store, 'records'> {
  return principal?.seesEveryTenant === true ? store : store.within(tenantOf(principal))
}

async function opened({ store }: MemoryParts): Promise<Store> {
  if (store === undefined) throw new LlmrError('not_supported', 'This gateway was started without a store.')
  return store.opened()
}
