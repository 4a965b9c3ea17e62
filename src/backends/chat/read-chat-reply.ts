import { type Reply, replyOf } from '../../core/chat/reply.ts'
import { listAt, textAt } from '../../core/foreign-json.ts'
import { ChunkReader } from './chunk-reader.ts'

/**
 * Reads a whole reply.
 *
 * @returns undefined when it is no chat reply
 * @throws LlmrError `backend_failed` when it is the report of a failure
 */
export function readChatReply(json: unknown, mintId: () => string): Reply | undefined {
  const parts = new ChunkReader(mintId).read(json, 'message')
  const reply = replyOf(parts)
  const isReply = listAt(json, 'choices').length > 0 || textAt(json, 'content') !== undefined
  return isReply ? reply : undefined
}
