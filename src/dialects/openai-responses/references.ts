import type { EarlierReplies, ReplyReferences } from '../../core/chat/kept-reply.ts'
import { LlmrError } from '../../core/error.ts'
import { textAt } from '../../core/foreign-json.ts'
import { isNoticeId, responseIdOf } from './item-ids.ts'
import { readInput, referenceOf } from './read-input.ts'

/** A conversation that is longer than this is sent by its clients, and not remembered for them. */
const repliesMax = 1_000

/** What a request leaves to us to remember: the response it goes on from, and items that it names. */
export function readReferences(json: Readonly<Record<string, unknown>>): ReplyReferences | undefined {
  const previousId = textAt(json, 'previous_response_id') || undefined
  const named = readInput(json).flatMap((item) => responseIdOf(referenceOf(item) ?? '') ?? [])
  const replyIds = [...new Set(named)].slice(0, repliesMax)
  if (previousId === undefined && replyIds.length === 0) return undefined
  return { replyIds, ...(previousId !== undefined && { previousId }) }
}

const nothing: EarlierReplies = { chain: [], named: [] }

/**
 * The whole conversation: what was said before, then the request's own items, those that it only names in full.
 *
 * @throws LlmrError `response_not_found`
 */
export function conversationOf(own: readonly unknown[], earlier: EarlierReplies = nothing): readonly unknown[] {
  const before = earlier.chain.flatMap(({ inputItems, outputItems }) => [...inputItems, ...outputItems])
  return [...before, ...withReferences(own, earlier)]
}

/** The request's own items, as they are kept: a name says nothing when its item is gone. */
export function withReferences(own: readonly unknown[], { chain, named }: EarlierReplies = nothing): unknown[] {
  if (own.every((item) => referenceOf(item) === undefined)) return [...own]
  const known = [...named, ...chain].flatMap(({ inputItems, outputItems }) => [...inputItems, ...outputItems])
  const byId = new Map(known.map((item) => [textAt(item, 'id'), item]))
  return own.flatMap((item) => {
    const id = referenceOf(item)
    if (id === undefined) return [item]
    if (isNoticeId(id)) return []
    const found = byId.get(id)
    if (found !== undefined) return [found]
    throw new LlmrError(
      'response_not_found',
      `There is no item "${id.slice(0, 100)}". It was never kept (store: false), has expired, or was deleted: send it whole.`,
      { param: 'input', isRetryable: false },
    )
  })
}
