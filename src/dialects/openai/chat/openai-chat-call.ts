import { flagAt } from '../../../core/foreign-json.ts'
import type { ChatCall, ChatFacts } from '../../chat-dialect.ts'
import { ChatStreamWriter } from './chat-stream-writer.ts'
import { readChat } from './read-chat.ts'
import { writeChatReply } from './write-chat-reply.ts'

/** A chat of an OpenAI client, for what has to read or change the reply: otherwise it travels as bytes. */
export function openaiChatCall(
  json: Readonly<Record<string, unknown>>,
  { requestId, createdAtMs }: ChatFacts,
): ChatCall {
  const facts = { id: `chatcmpl-${requestId}`, createdAtS: Math.floor(createdAtMs / 1000) }
  const includesUsage = flagAt(json, 'stream_options', 'include_usage') ?? false
  return {
    ...readChat(json),
    writeReply: (reply, model) => JSON.stringify(writeChatReply(reply, { ...facts, model })),
    openStream: (model) => new ChatStreamWriter({ ...facts, model, includesUsage }),
  }
}
