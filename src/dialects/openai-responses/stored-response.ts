import type { KeptReply } from '../../core/chat/kept-reply.ts'
import type { Reply } from '../../core/chat/reply.ts'
import { metadataOf } from './write-echo.ts'
import { responseId } from './item-ids.ts'
import { endingOf } from './response-ending.ts'
import type { ResponseFacts } from './response-facts.ts'
import { writeOutput } from './write-output.ts'
import { writeResponse } from './write-response.ts'

/** The whole response object of a reply. */
export function wholeResponse(reply: Reply, facts: ResponseFacts, state: { model: string; isKept: boolean }) {
  const output = writeOutput(reply, facts)
  const ending = endingOf(reply.finishReason)
  const model = state.model || (reply.model ?? '')
  return writeResponse(facts, { ...ending, model, output, usage: reply.usage, isKept: state.isKept })
}

/** A reply as it is kept. */
export function keptReply(
  reply: Reply,
  facts: ResponseFacts,
  { model, inputItems }: { readonly model: string; readonly inputItems: readonly unknown[] },
): KeptReply {
  const response = wholeResponse(reply, facts, { model, isKept: true })
  const { output, metadata, previous_response_id: previous, ...fields } = response
  return {
    id: responseId(facts.requestId),
    ...(typeof previous === 'string' && { previousId: previous }),
    model: String(response['model']),
    status: endingOf(reply.finishReason).status,
    createdMs: facts.createdAtMs,
    inputItems,
    outputItems: Array.isArray(output) ? output : [],
    metadata: metadataOf({ metadata }),
    fields,
  }
}

/** The response object of what was kept. */
export function writeStored({ previousId, outputItems, metadata, fields }: KeptReply): object {
  return { ...fields, metadata, previous_response_id: previousId ?? null, output: outputItems }
}

export interface StoredPage {
  readonly items: readonly unknown[]
  readonly hasMore: boolean
}

/** A page of the items that a response was asked with. */
export function writeItemPage({ items, hasMore }: StoredPage): object {
  return { object: 'list', data: items, first_id: idOf(items[0]), last_id: idOf(items.at(-1)), has_more: hasMore }
}

export function writeDeleted(id: string): object {
  return { id, object: 'response', deleted: true }
}

function idOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : null
}
