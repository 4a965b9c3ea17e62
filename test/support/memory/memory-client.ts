import type { Message } from '../../../src/core/chat/message.ts'
import type { ConversationKey } from '../../../src/core/conversation-claims.ts'
import type { MemoryScope } from '../../../src/core/memory-scope.ts'
import { claimsOf } from '../../../src/memory/identity/claims-of.ts'
import { replyDigest } from '../../../src/memory/identity/digests.ts'
import { type PlaceStore, type ResolvedPlace, resolvePlace } from '../../../src/memory/identity/resolve-place.ts'
import type { EndedReply } from '../../../src/core/turn-place.ts'

/** What a client shows of a chat: by turns what the user and what the model said, the last of them the user's. */
export function chat(...texts: readonly string[]): readonly Message[] {
  return texts.map((text, at): Message => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    parts: [{ type: 'text', text }],
  }))
}

export interface Asked {
  readonly scope?: MemoryScope
  readonly messages: readonly Message[]
  readonly key?: ConversationKey
  readonly previousRequestId?: string
  readonly requestId?: string
  /** Absent: it has not come to its end. */
  readonly reply?: string
  readonly toolCalls?: EndedReply['toolCalls']
}

export type EndingStore = PlaceStore & { end(reply: EndedReply): Promise<void> }

export const ada: MemoryScope = { tenant: 'home', principal: 'ada' }

let asked = 0

/** One request, from its place to its end, as a gateway does it. */
export async function ask(store: EndingStore, request: Asked): Promise<ResolvedPlace & { readonly requestId: string }> {
  const { scope = ada, messages, key, previousRequestId, reply, toolCalls = [] } = request
  const { requestId = `asked-${process.pid}-${++asked}` } = request
  const claims = claimsOf({ scope, messages, key, previousRequestId })
  if (claims === undefined) throw new Error('nobody says anything in it')
  const place = await resolvePlace(store, {
    claims,
    request: { scope, requestId, correlationId: 'c', kind: 'user', startedAtMs: Date.now(), keepMs: 86_400_000 },
  })
  if (reply !== undefined || toolCalls.length > 0) {
    await store.end({ requestId, scope, toolCalls, ...(reply !== undefined && { digest: replyDigest(reply) }) })
  }
  return { ...place, requestId }
}
