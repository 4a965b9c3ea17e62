import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { type AssistantPart, type Message, textOf } from '../../../src/core/chat/message.ts'

/** The other way round of `readChat`, for what both sides can express. */
export function writeRequest(request: ChatRequest): Record<string, unknown> {
  const { responseFormat, reasoning, sampling } = request
  return {
    model: request.model,
    messages: request.messages.map(writeMessage),
    tools: request.tools.map((tool) => ({ type: 'function', function: tool })),
    stream: request.isStream,
    format: responseFormat?.type === 'schema' ? responseFormat.schema : responseFormat?.type,
    think: reasoning?.effort ?? reasoning?.isWanted,
    options: { num_predict: request.maxTokens, temperature: sampling.temperature, seed: sampling.seed },
  }
}

function writeMessage(message: Message): object {
  const content = textOf(message.parts)
  switch (message.role) {
    case 'system':
      return { role: 'system', content }
    case 'user':
      return { role: 'user', content, images: imagesOf(message.parts) }
    case 'assistant':
      return {
        role: 'assistant',
        content,
        thinking: message.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
        tool_calls: message.parts.flatMap(writeCall),
      }
    case 'tool':
      return { role: 'tool', content, tool_call_id: message.callId, tool_name: message.name }
  }
}

function writeCall(part: AssistantPart): object[] {
  if (part.type !== 'tool-call') return []
  const args: unknown = JSON.parse(part.argumentsText)
  return [{ id: part.id, function: { name: part.name, arguments: args } }]
}

function imagesOf(parts: Extract<Message, { role: 'user' }>['parts']): string[] {
  return parts.flatMap((part) => (part.type === 'image' && part.source.kind === 'base64' ? [part.source.data] : []))
}
