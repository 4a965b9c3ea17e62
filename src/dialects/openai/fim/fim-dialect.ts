import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import { textAt } from '../../../core/foreign-json.ts'
import type { ChatCall, ChatDialect, ChatFacts } from '../../chat-dialect.ts'
import { openaiChatCall } from '../chat/openai-chat-call.ts'
import { openaiChatDialect } from '../openai-dialect.ts'

/** `/v1/fim/completions`, as editors know it from Mistral: a prompt and what follows the gap; the reply is a chat's. */
export const fimDialect: ChatDialect = { ...openaiChatDialect, readChat: readFim }

function readFim(json: Readonly<Record<string, unknown>>, facts: ChatFacts): ChatCall {
  const { prompt: _prompt, suffix: _suffix, min_tokens: _minTokens, ...rest } = json
  const call = openaiChatCall(rest, facts)
  const completion = { prompt: textAt(json, 'prompt') ?? '', suffix: textAt(json, 'suffix') ?? '' }
  const request: ChatRequest = { ...call.request, messages: [], tools: [], completion }
  return { ...call, request }
}
