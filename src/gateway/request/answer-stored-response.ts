import { LlmrError } from '../../core/error.ts'
import { writeDeleted, writeItemPage, writeStored } from '../../dialects/openai-responses/stored-response.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { StoredResponseWish } from '../../http/routes/purpose.ts'
import type { KeptReplies } from './kept-replies.ts'
import { scopeOf } from './memory/scope-of.ts'

/**
 * What a client wants of a response that was kept for it.
 *
 * @throws LlmrError `response_not_found`, `store_unavailable`, `invalid_request`
 */
export async function answerStoredResponse(
  exchange: Exchange,
  { type, id }: StoredResponseWish,
  replies: KeptReplies,
): Promise<void> {
  const scope = scopeOf(exchange)
  switch (type) {
    case 'show': {
      if (new URLSearchParams(exchange.query).get('stream') === 'true') throw noReplay()
      exchange.replyJson(200, writeStored(await replies.find(scope, id)))
      return
    }
    case 'delete':
      await replies.delete(scope, id)
      exchange.replyJson(200, writeDeleted(id))
      return
    case 'input-items':
      exchange.replyJson(200, writeItemPage(await replies.inputItems(scope, id, pageOf(exchange.query))))
      return
    case 'cancel': {
      const { status } = await replies.find(scope, id)
      throw new LlmrError(
        'invalid_request',
        `The response is ${status}; only one that runs in the background can be cancelled. To end a stream, close it.`,
        { isRetryable: false },
      )
    }
  }
}

function noReplay(): LlmrError {
  return new LlmrError('invalid_request', 'A kept response is not streamed again: leave out "stream".', {
    param: 'stream',
    isRetryable: false,
  })
}

const limitUsual = 20
const limitMax = 100

function pageOf(query: string) {
  const asked = new URLSearchParams(query)
  const limit = Number(asked.get('limit') ?? limitUsual)
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    throw new LlmrError('invalid_request', `Expected "limit" to be a number from 1 to ${limitMax}.`, { param: 'limit' })
  }
  const after = asked.get('after')
  return {
    limit,
    order: asked.get('order') === 'asc' ? ('asc' as const) : ('desc' as const),
    ...(after !== null && { after }),
  }
}
