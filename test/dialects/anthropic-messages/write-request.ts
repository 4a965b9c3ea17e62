import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import type { AssistantPart, MediaSource, Message, UserPart } from '../../../src/core/chat/message.ts'

/** The other way round of `readChat`, for what both sides can express. */
export function writeRequest(request: ChatRequest): Record<string, unknown> {
  const { sampling, reasoning, toolChoice } = request
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    messages: request.messages.map(writeMessage),
    tools: request.tools.map(({ name, description, parameters, isStrict }) => ({
      name,
      description,
      input_schema: parameters,
      strict: isStrict,
    })),
    ...(toolChoice !== undefined && {
      tool_choice: {
        ...(typeof toolChoice === 'string'
          ? { type: toolChoice === 'required' ? 'any' : toolChoice }
          : { type: 'tool', name: toolChoice.name }),
        disable_parallel_tool_use: request.mayCallInParallel === false,
      },
    }),
    ...(reasoning !== undefined && {
      thinking: {
        type: reasoning.isWanted === false ? 'disabled' : 'enabled',
        budget_tokens: reasoning.maxTokens,
      },
      output_config: { effort: reasoning.effort },
    }),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    stop_sequences: sampling.stop,
    stream: request.isStream,
    metadata: { user_id: JSON.stringify({ account_uuid: request.user, session_id: request.cacheKey }) },
  }
}

function writeMessage(message: Message): object {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.parts }
    case 'user':
      return { role: 'user', content: message.parts.map(writeUserPart) }
    case 'assistant':
      return { role: 'assistant', content: message.parts.map(writeAssistantPart) }
    case 'tool': {
      const { callId, parts, isError } = message
      const result = { type: 'tool_result', tool_use_id: callId, content: parts.map(writeUserPart), is_error: isError }
      return { role: 'user', content: [result] }
    }
  }
}

function writeUserPart(part: UserPart): object {
  switch (part.type) {
    case 'text':
      return part
    case 'image':
      return { type: 'image', source: writeSource(part.source) }
    case 'file': {
      const { name, source } = part
      const written =
        source.kind === 'text' ? { type: 'text', media_type: 'text/plain', data: source.text } : writeSource(source)
      return { type: 'document', title: name, source: written }
    }
    case 'audio':
      throw new Error('audio cannot be said in this dialect')
  }
}

function writeSource(source: MediaSource): object {
  return source.kind === 'url'
    ? { type: 'url', url: source.url }
    : { type: 'base64', media_type: source.mediaType, data: source.data }
}

function writeAssistantPart(part: AssistantPart): object {
  switch (part.type) {
    case 'text':
      return part
    case 'reasoning':
      return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' }
    case 'tool-call':
      return { type: 'tool_use', id: part.id, name: part.name, input: JSON.parse(part.argumentsText) }
    case 'refusal':
      throw new Error('a refusal cannot be told from text in this dialect')
  }
}
