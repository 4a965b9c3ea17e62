import type { ChatRequest, ResponseFormat, Tool, ToolChoice } from '../../core/chat/chat-request.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import type { ChatAbilities } from './chat-abilities.ts'
import { foldMessages } from './fold-messages.ts'
import { writeMessages } from './write-messages.ts'

export interface WriteChatOptions {
  readonly model: string
  readonly abilities: ChatAbilities
  /**
   * Tokens that the reply can be sure to have. A limit beyond that is left out: clients that have to name one name the
   * largest they can think of, and some engines refuse what does not fit instead of stopping where they must.
   */
  readonly roomForReply?: number
}

/** The body of a chat request in OpenAI's shape, as this engine takes it. What it cannot be told is left out. */
export function writeChatRequest(
  request: ChatRequest,
  { model, abilities, roomForReply = Infinity }: WriteChatOptions,
): Record<string, unknown> {
  const { tools, toolChoice, responseFormat, isStream, cacheKey, user } = request
  const messages = abilities.hasTemplate ? foldMessages(request.messages) : request.messages
  return withoutUndefined({
    ...(abilities.takesExtras ? request.extras : {}),
    model,
    messages: writeMessages(messages, abilities),
    stream: isStream,
    stream_options: isStream ? { include_usage: true } : undefined,
    tools: tools.length === 0 ? undefined : tools.map(writeTool),
    tool_choice: tools.length === 0 || toolChoice === undefined ? undefined : writeToolChoice(toolChoice),
    parallel_tool_calls: tools.length === 0 ? undefined : request.mayCallInParallel,
    response_format: responseFormat === undefined ? undefined : writeResponseFormat(responseFormat),
    [abilities.maxTokens]: (request.maxTokens ?? 0) > roomForReply ? undefined : request.maxTokens,
    prompt_cache_key: cacheKey,
    user,
    ...samplingFields(request, abilities),
    ...reasoningFields(request, abilities),
    ...(request.isContinuation === true ? abilities.continuation : {}),
  })
}

export function samplingFields({ sampling }: ChatRequest, { topK, minP, repeatPenalty }: ChatAbilities) {
  return {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    seed: sampling.seed,
    stop: sampling.stop?.length === 0 ? undefined : sampling.stop,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    ...(topK !== undefined && { [topK]: sampling.topK }),
    ...(minP !== undefined && { [minP]: sampling.minP }),
    ...(repeatPenalty !== undefined && { [repeatPenalty]: sampling.repeatPenalty }),
  }
}

/** A reply that has begun has no place for thoughts any more: llama.cpp refuses a request for both. */
function reasoningFields(
  { reasoning, extras, isContinuation = false }: ChatRequest,
  { withoutReasoning, hasTemplate }: ChatAbilities,
) {
  const isBegun = isContinuation && withoutReasoning !== undefined
  if (reasoning?.isWanted === false || isBegun) return 'chat_template_kwargs' in (extras ?? {}) ? {} : withoutReasoning
  const { effort } = reasoning ?? {}
  return { reasoning_effort: effort !== undefined && hasTemplate ? (templateEfforts[effort] ?? effort) : effort }
}

/** Templates know three efforts, and engines refuse what their templates do not know. */
const templateEfforts: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' }

function writeTool({ name, description, parameters, isStrict }: Tool): object {
  return { type: 'function', function: withoutUndefined({ name, description, parameters, strict: isStrict }) }
}

function writeToolChoice(choice: ToolChoice): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } }
}

function writeResponseFormat(format: ResponseFormat): object {
  if (format.type === 'json') return { type: 'json_object' }
  const { name = 'reply', schema, isStrict } = format
  return { type: 'json_schema', json_schema: withoutUndefined({ name, schema, strict: isStrict }) }
}
