import type { KeptReply } from '../../core/chat/kept-reply.ts'
import type { Reply } from '../../core/chat/reply.ts'
import type { Logger } from '../../core/logger.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { KeptReplies } from './kept-replies.ts'
import { scopeOf } from './memory/scope-of.ts'
import type { Keep } from './reply-translation.ts'

/** Keeps the reply of one request for its client, as its dialect wants it kept; what fails costs the reply nothing. */
export function replyKeeper(parts: {
  readonly exchange: Exchange
  readonly keep: (reply: Reply, model: string) => KeptReply
  readonly replies: Pick<KeptReplies, 'keep'>
  readonly logger: Logger
  readonly model: string
}): Keep {
  const { exchange, keep, replies, logger, model } = parts
  return async (reply) => {
    let isKept = false
    try {
      isKept = await replies.keep(scopeOf(exchange), keep(reply, model))
    } catch (error) {
      logger.error({ request_id: exchange.record.requestId, err: error }, 'a reply could not be kept')
    }
    exchange.note(isKept ? 'kept' : 'not-kept')
    return { isKept }
  }
}
