import type { Message } from '../../../core/chat/message.ts'
import { type Reply } from '../../../core/chat/reply.ts'
import { textOf } from '../../../core/chat/message.ts'
import type { ConversationClaims } from '../../../core/conversation-claims.ts'
import type { MemoryScope } from '../../../core/memory-scope.ts'
import { replyDigest } from '../../../memory/identity/digests.ts'
import type { ResolvedPlace } from '../../../memory/identity/resolve-place.ts'
import type { StoreBudget } from '../../../store/store-budget.ts'

export interface RememberedParts {
  readonly requestId: string
  readonly scope: MemoryScope
  readonly messages: readonly Message[]
  readonly claims: ConversationClaims
  readonly userText: string
  readonly budget: StoreBudget
  readonly place: Promise<ResolvedPlace | undefined>
}

/** One request that is remembered, from its intake to its end. */
export class Remembered {
  readonly scope: MemoryScope
  readonly messages: readonly Message[]
  readonly claims: ConversationClaims
  readonly userText: string
  /** All that this request may still wait for the store, whatever for. One call at a time: first comes the place. */
  readonly budget: StoreBudget
  /** Never rejects, and settles within the budget. Undefined: the request goes on without a place, and gets one later. */
  readonly place: Promise<ResolvedPlace | undefined>
  readonly #requestId: string
  #found: ResolvedPlace | undefined

  constructor({ requestId, scope, messages, claims, userText, budget, place }: RememberedParts) {
    this.#requestId = requestId
    this.scope = scope
    this.messages = messages
    this.claims = claims
    this.userText = userText
    this.budget = budget
    this.place = place.then((found) => (this.#found = found))
  }

  /** Its place, once it is known. */
  get found(): ResolvedPlace | undefined {
    return this.#found
  }

  /**
   * Notes by what its reply can be recognised, before the client has the end of it: what it sends next finds that. Never
   * rejects, and resolves within what is left of the budget.
   */
  async end({ parts }: Pick<Reply, 'parts'>): Promise<void> {
    if (this.#found === undefined) return
    const text = textOf(parts)
    const reply = {
      requestId: this.#requestId,
      scope: this.scope,
      toolCalls: parts.flatMap((part) => (part.type === 'tool-call' ? [part] : [])),
      ...(text !== '' && { digest: replyDigest(text) }),
    }
    await this.budget.spend(({ conversations }, signal) => conversations.end(reply, { signal }))
  }
}
