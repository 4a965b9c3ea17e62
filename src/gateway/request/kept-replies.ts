import type { EarlierReplies, KeptReply, ReplyReferences } from '../../core/chat/kept-reply.ts'
import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'
import type { StoreAccess } from '../../store/store-access.ts'
import type { StoreCall } from '../../store/store-budget.ts'
import type { ItemPage, ItemQuery, ResponseChain } from '../../store/stored-responses.ts'

export interface KeptRepliesOptions {
  /** Absent: nothing is kept here. */
  readonly store: StoreAccess | undefined
  readonly keepMs: () => number
  readonly clock: Pick<Clock, 'now'>
  readonly lookupTimeoutMs?: number
}

/** Without these a request makes no sense, so it waits; an embedded database takes seconds to open. */
const usualLookupTimeoutMs = 15_000

/** What a request may go on from. More is read by no model. */
const chainBounds = { responsesMax: 1_000, bytesMax: 64 * 1024 * 1024 }

/** The replies that clients may come back to, each for its principal alone. */
export class KeptReplies {
  readonly #options: KeptRepliesOptions

  constructor(options: KeptRepliesOptions) {
    this.#options = options
  }

  /** A reply will have to be kept: whatever takes long is begun while the engine works on it. */
  warm(): void {
    this.#options.store?.warm()
  }

  /** Resolves true when it can be come back to. Never rejects, and never takes longer than a request may spend. */
  async keep(scope: MemoryScope, reply: KeptReply): Promise<boolean> {
    const { store, keepMs, clock } = this.#options
    if (store === undefined) return false
    const response = { ...reply, ...scope, expiresMs: clock.now() + keepMs() }
    const outcome = await store.budget(scope).spend((opened, signal) => opened.responses.put(response, { signal }))
    return outcome.type === 'done'
  }

  /**
   * What a request needs of earlier replies. Named ones may be missing; one that it goes on from may not.
   *
   * @throws LlmrError `response_not_found`, `store_unavailable`, and `invalid_request` for a conversation that is too long
   */
  async recall(scope: MemoryScope, { previousId, replyIds }: ReplyReferences): Promise<EarlierReplies> {
    return this.#ask(scope, async ({ responses }, signal) => {
      const named = await responses.getAll(scope, replyIds, { signal })
      if (previousId === undefined) return { chain: [], named }
      const chain = await responses.chain({ ...scope, id: previousId, ...chainBounds }, { signal })
      return { chain: repliesIn(chain, previousId), named }
    })
  }

  /** @throws LlmrError `response_not_found`, `store_unavailable` */
  async find(scope: MemoryScope, id: string): Promise<KeptReply> {
    const reply = await this.#ask(scope, ({ responses }, signal) => responses.get({ ...scope, id }, { signal }))
    return reply ?? notFound(id)
  }

  /** @throws LlmrError `response_not_found`, `store_unavailable` */
  async delete(scope: MemoryScope, id: string): Promise<void> {
    const wasThere = await this.#ask(scope, ({ responses }, signal) => responses.delete({ ...scope, id }, { signal }))
    if (!wasThere) notFound(id)
  }

  /** @throws LlmrError `response_not_found`, `store_unavailable` */
  async inputItems(scope: MemoryScope, id: string, page: ItemQuery): Promise<ItemPage> {
    const found = await this.#ask(scope, ({ responses }, signal) =>
      responses.inputItems({ ...scope, id }, page, { signal }),
    )
    return found ?? notFound(id)
  }

  async #ask<Value>(scope: MemoryScope, call: StoreCall<Value>): Promise<Value> {
    const { store, lookupTimeoutMs = usualLookupTimeoutMs } = this.#options
    if (store === undefined) throw unavailable()
    const outcome = await store.budget(scope, lookupTimeoutMs).spend(async (opened, signal) => {
      try {
        return { value: await call(opened, signal) }
      } catch (error) {
        // What the caller is to be told is no failure of the store.
        if (error instanceof LlmrError) return { refusal: error }
        throw error
      }
    })
    if (outcome.type !== 'done') throw unavailable(outcome.cause)
    if (outcome.value.refusal !== undefined) throw outcome.value.refusal
    return outcome.value.value
  }
}

function repliesIn(chain: ResponseChain, previousId: string): readonly KeptReply[] {
  switch (chain.type) {
    case 'found':
      return chain.responses
    case 'missing':
      return notFound(chain.id, { wentOnIn: previousId })
    case 'too-long':
      throw new LlmrError('invalid_request', 'The conversation is too long to be gone on with: begin a new one.', {
        param: 'previous_response_id',
        isRetryable: false,
      })
  }
}

/** @param wentOnIn the response that a request goes on from: this one, or one that came after it */
function notFound(id: string, { wentOnIn }: { readonly wentOnIn?: string } = {}): never {
  const isEarlier = wentOnIn !== undefined && wentOnIn !== id
  const which = isEarlier ? ` that "${wentOnIn.slice(0, 100)}" went on from` : ''
  throw new LlmrError(
    'response_not_found',
    `There is no response "${id.slice(0, 100)}"${which}. It was never kept (store: false), has expired, was deleted, or is ` +
      "another key's.",
    { isRetryable: false, ...(wentOnIn !== undefined && { param: 'previous_response_id' }) },
  )
}

function unavailable(cause?: unknown): LlmrError {
  return new LlmrError(
    'store_unavailable',
    'Kept responses cannot be read just now. Send the whole conversation as "input", or try again.',
    { retryAfterSeconds: 5, cause },
  )
}
