import type { ChatRequest } from '../../core/chat/chat-request.ts'
import { at, listAt, objectAt, textAt } from '../../core/foreign-json.ts'
import { anthropicMessagesDialect } from '../anthropic-messages/anthropic-messages-dialect.ts'
import type { ChatDialect } from '../chat-dialect.ts'
import { readChat } from '../openai/chat/read-chat.ts'
import { ollamaDialect } from '../ollama/ollama-dialect.ts'
import { openaiResponsesDialect } from '../openai-responses/openai-responses-dialect.ts'

/**
 * The body of a chat, in whatever dialect: by the path it was sent to, else by what stands in it. A list is one of messages.
 *
 * @returns undefined for what is no chat
 */
export function readBody(value: unknown, path = ''): ChatRequest | undefined {
  const body = objectAt({ body: Array.isArray(value) ? { messages: value } : value }, 'body')
  if (body === undefined || !isChat(body)) return undefined
  const dialect = dialectOf(body, path)
  return dialect === undefined ? readChat(body).request : dialect.readChat(body, { ...noFacts, path }).request
}

/** Nothing of it is answered, so nothing of it needs a name. */
const noFacts = { requestId: 'replay', createdAtMs: 0, mintId: () => 'replay' }

function isChat(body: Readonly<Record<string, unknown>>): boolean {
  const messages = listAt(body, 'messages')
  if (messages.length > 0) return messages.every((message) => textAt(message, 'role') !== undefined)
  // Embeddings have an `input` of text as well.
  const hasText = typeof at(body, 'input') === 'string' && ('instructions' in body || 'stream' in body)
  return hasText || listAt(body, 'input').some(isItem)
}

function isItem(item: unknown): boolean {
  return textAt(item, 'role') !== undefined || textAt(item, 'type') !== undefined
}

function dialectOf(body: Readonly<Record<string, unknown>>, path: string): ChatDialect | undefined {
  if (/\/messages(\/|\?|$)/.test(path)) return anthropicMessagesDialect
  if (/\/responses(\?|$)/.test(path)) return openaiResponsesDialect
  if (/\/api\/chat(\?|$)/.test(path)) return ollamaDialect
  if (path !== '') return undefined
  if ('input' in body && !('messages' in body)) return openaiResponsesDialect
  return isAnthropic(body) ? anthropicMessagesDialect : undefined
}

/** Blocks that OpenAI has no words for; a chat without any of them reads the same in both. */
function isAnthropic(body: Readonly<Record<string, unknown>>): boolean {
  if ('system' in body || listAt(body, 'tools').some((tool) => at(tool, 'input_schema') !== undefined)) return true
  const types = listAt(body, 'messages').flatMap((message) =>
    listAt(message, 'content').map((block) => textAt(block, 'type')),
  )
  return types.some((type) => type === 'tool_use' || type === 'tool_result')
}
