import { type Reply, replyOf } from '../../core/chat/reply.ts'
import { listAt, textAt } from '../../core/foreign-json.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ReplyGaps } from './reply-gaps.ts'

/**
 * Reads a whole reply, with what the engine left out of it.
 *
 * @param promptTokens an estimate, for engines that count nothing
 * @returns undefined when it is no chat reply
 * @throws LlmrError `backend_failed` when it is the report of a failure
 */
export function readChatReply(json: unknown, mintId: () => string, promptTokens?: number): Reply | undefined {
  const gaps = new ReplyGaps(promptTokens)
  const parts = new ChunkReader(mintId).read(json, 'message')
  for (const part of parts) gaps.see(part)
  const reply = replyOf([...parts, ...gaps.missing()])
  const isReply = listAt(json, 'choices').length > 0 || textAt(json, 'content') !== undefined
  return isReply ? reply : undefined
}
