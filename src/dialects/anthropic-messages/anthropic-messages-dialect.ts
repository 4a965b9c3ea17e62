import type { ChatCall, ChatDialect, ChatFacts } from '../chat-dialect.ts'
import { Omissions } from '../omissions.ts'
import { progressComment } from '../progress-sentence.ts'
import { MessageStream } from './message-stream.ts'
import { readChat, wantsThinking } from './read-chat.ts'
import { errorFields, streamErrorFields } from './write-error.ts'
import { writeEvent } from './write-event.ts'
import { writeMessage } from './write-message.ts'

/** Anthropic's messages. */
export const anthropicMessagesDialect: ChatDialect = {
  name: 'anthropic-messages',
  requestIdHeader: 'request-id',
  writeError: (error, { requestId }) => JSON.stringify({ type: 'error', ...errorFields(error, requestId) }),
  writeStreamError: (error, { requestId }) => writeEvent('error', streamErrorFields(error, requestId)),
  keepAlive: { comment: ': keep-alive\n\n' },
  writeProgress: progressComment,
  readChat: readCall,
}

function readCall(json: Readonly<Record<string, unknown>>, { requestId }: ChatFacts): ChatCall {
  const omissions = new Omissions()
  const request = readChat(json, omissions)
  const facts = { requestId, showsThinking: wantsThinking(json) }
  return {
    request,
    notes: omissions.notes,
    writeReply: (reply, model) => writeMessage(reply, { ...facts, model }),
    openStream: (model, promptTokens = 1) => new MessageStream({ ...facts, model, promptTokens }),
  }
}
