import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import type { AssistantPart, MediaSource, Message, UserPart } from '../../../src/core/chat/message.ts'

/** The other way round of `readChat`, for what both sides can express. */
export function writeRequest(request: ChatRequest): Record<string, unknown> {
  const { sampling, reasoning, toolChoice, responseFormat: format } = request
  return {
    model: request.model,
    input: request.messages.flatMap(writeMessage),
    tools: request.tools.map(({ isStrict: strict, ...tool }) => ({ type: 'function', ...tool, strict })),
    tool_choice: toolChoice,
    parallel_tool_calls: request.mayCallInParallel,
    text: {
      format:
        format?.type === 'schema'
          ? { type: 'json_schema', name: format.name, schema: format.schema, strict: format.isStrict }
          : { type: format === undefined ? 'text' : 'json_object' },
    },
    max_output_tokens: request.maxTokens,
    reasoning: { effort: reasoning?.isWanted === false ? 'none' : reasoning?.effort },
    temperature: sampling.temperature,
    top_p: sampling.topP,
    stream: request.isStream,
    prompt_cache_key: request.cacheKey,
    user: request.user,
  }
}

function writeMessage(message: Message): object[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'developer', content: message.parts.map(writeUserPart) }]
    case 'user':
      return [{ type: 'message', role: 'user', content: message.parts.map(writeUserPart) }]
    case 'assistant':
      return message.parts.map(writeAssistantPart)
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.callId, output: message.parts.map(writeUserPart) }]
  }
}

function writeUserPart(part: UserPart): object {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'image':
      return { type: 'input_image', image_url: urlOf(part.source), detail: part.detail }
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } }
    case 'file': {
      const { name: filename, source } = part
      if (source.kind === 'url') return { type: 'input_file', filename, file_url: source.url }
      const media: MediaSource =
        source.kind === 'text'
          ? { kind: 'base64', mediaType: 'text/plain', data: Buffer.from(source.text).toString('base64') }
          : source
      return { type: 'input_file', filename, file_data: urlOf(media) }
    }
  }
}

function urlOf(source: MediaSource): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
}

function writeAssistantPart(part: AssistantPart): object {
  switch (part.type) {
    case 'text':
      return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: part.text }] }
    case 'refusal':
      return { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: part.text }] }
    case 'reasoning': {
      const summary = [{ type: 'summary_text', text: part.text }]
      return { type: 'reasoning', summary, encrypted_content: part.signature }
    }
    case 'tool-call': {
      const { id, name, argumentsText } = part
      return { type: 'function_call', call_id: id, name, arguments: argumentsText }
    }
  }
}
