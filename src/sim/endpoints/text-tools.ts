import { generationPrompt, renderChat, renderPlainChat } from '../chat-template.ts'
import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { chatMessages, parseChatBody } from '../generation-body.ts'
import { booleanField, isJsonObject, listField, stringField } from '../json-fields.ts'
import { detokenize as textOf, pieceOf, tokenize as tokensOf } from '../tokenizer.ts'

/** `POST /tokenize` */
export async function tokenize({ request, reply }: Exchange): Promise<void> {
  const body = jsonBody(request)
  const tokens = tokensOf(stringField(body, 'content') ?? '')
  const isDetailed = booleanField(body, 'with_pieces')
  reply.sendJson(200, { tokens: isDetailed ? tokens.map((id) => ({ id, piece: pieceOf(id) })) : tokens })
}

/** `POST /detokenize` */
export async function detokenize({ request, reply }: Exchange): Promise<void> {
  const tokens = listField(jsonBody(request), 'tokens') ?? []
  reply.sendJson(200, { content: textOf(tokens.filter((token) => typeof token === 'number')) })
}

/** `POST /apply-template` */
export async function applyTemplate({ engine, request, reply }: Exchange): Promise<void> {
  const body = jsonBody(request)
  const tools = (listField(body, 'tools') ?? []).filter(isJsonObject)
  const messages = chatMessages(body)
  const prompt = engine.settings.toolTemplate ? renderChat(messages, tools) : renderPlainChat(messages)
  const isOpen = body['add_generation_prompt'] !== false
  reply.sendJson(200, { prompt: isOpen ? prompt : prompt.slice(0, -generationPrompt.length) })
}

/** `POST /v1/chat/completions/input_tokens` */
export async function inputTokens({ engine, request, reply }: Exchange): Promise<void> {
  const { prompt } = parseChatBody(jsonBody(request), engine.settings)
  reply.sendJson(200, { input_tokens: prompt.length, object: 'response.input_tokens' })
}
