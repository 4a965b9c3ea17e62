import type { Reply } from '../../../core/chat/reply.ts'
import type { FinishReason, Usage } from '../../../core/chat/reply-part.ts'

export interface ReplyFacts {
  readonly id: string
  readonly model: string
  readonly createdAtS: number
}

/** A whole reply in OpenAI's shape. */
export function writeChatReply(reply: Reply, { id, model, createdAtS }: ReplyFacts): object {
  const textOfType = (type: 'text' | 'reasoning' | 'refusal'): string =>
    reply.parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
  const calls = reply.parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.argumentsText } }]
      : [],
  )
  const [text, reasoning, refusal] = [textOfType('text'), textOfType('reasoning'), textOfType('refusal')]
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: refusal || null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
  return {
    id,
    object: 'chat.completion',
    created: createdAtS,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasons[reply.finishReason] }],
    ...(reply.usage !== undefined && { usage: writeUsage(reply.usage) }),
  }
}

export const finishReasons: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  calls: 'tool_calls',
  filtered: 'content_filter',
}

export function writeUsage({ promptTokens = 0, completionTokens = 0, cachedTokens, reasoningTokens }: Usage): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    ...(cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  }
}
