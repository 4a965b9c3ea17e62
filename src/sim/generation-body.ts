import { messageText, renderChat, renderPlainChat } from './chat-template.ts'
import { badRequest } from './engine-error.ts'
import {
  booleanField,
  isJsonObject,
  isString,
  listField,
  numberField,
  objectField,
  stringField,
} from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'
import type { GenerationRequest, Tool } from './reply-plan.ts'
import { detokenize, tokenize } from './tokenizer.ts'

/** The body of a chat request. @throws EngineError in the engine's words. */
export function parseChatBody(
  body: JsonObject,
  { toolTemplate }: { readonly toolTemplate: boolean },
): GenerationRequest {
  const messages = chatMessages(body)
  const tools = toolTemplate ? (listField(body, 'tools') ?? []).filter(isJsonObject) : []
  const choice = toolChoice(body)
  // A reply to a tool's result must not call the tool again that the user's message still names.
  const mayCall = choice.mustCall || (choice.offers && messages.at(-1)?.['role'] !== 'tool')
  return {
    ...commonFields(body),
    prompt: tokenize(toolTemplate ? renderChat(messages, choice.offers ? tools : []) : renderPlainChat(messages)),
    userText: lastUserText(messages),
    remembered: quotedLines(messages),
    jsonSchema: responseSchema(body),
    tools: mayCall ? tools.map(toolOf).filter((tool) => tool !== undefined) : [],
    mustCall: choice.mustCall,
    toolName: choice.name,
  }
}

/** The body of a plain completion, OpenAI's or the engine's own. @throws EngineError in the engine's words. */
export function parseCompletionBody(body: JsonObject): GenerationRequest {
  const prompt = promptTokens(body)
  return {
    ...commonFields(body),
    prompt,
    userText: detokenize(prompt),
    jsonSchema: body['json_schema'] ?? responseSchema(body),
    tools: [],
    mustCall: false,
    toolName: undefined,
  }
}

/** What a gateway gave back of the conversation stands in a message of the system, each line with a mark. */
function quotedLines(messages: readonly JsonObject[]): readonly string[] {
  const systems = messages.filter(({ role }) => role === 'system').map(messageText)
  const blocks = systems.flatMap((text) => text.split('\n<earlier-messages>\n').slice(1))
  return blocks.flatMap((block) => block.split('\n').flatMap((line) => (line.startsWith('> ') ? [line.slice(2)] : [])))
}

/** The messages of a chat. @throws EngineError in the engine's words. */
export function chatMessages(body: JsonObject): JsonObject[] {
  if (body['messages'] === undefined) throw badRequest("'messages' is required")
  const messages = listField(body, 'messages')
  if (!messages) throw badRequest("Expected 'messages' to be an array")
  return messages.filter(isJsonObject).map((message) => {
    if (message['role'] !== 'assistant' && (message['content'] ?? undefined) === undefined) {
      throw badRequest("All non-assistant messages must contain 'content'")
    }
    return message
  })
}

function commonFields(body: JsonObject) {
  const slotId = numberField(body, 'id_slot') ?? -1
  return {
    maxTokens: tokenLimit(body),
    stop: isString(body['stop']) ? [body['stop']] : (listField(body, 'stop') ?? []).filter(isString),
    ignoresEnd: booleanField(body, 'ignore_eos'),
    slotId: slotId < 0 ? undefined : slotId,
    mayUseCache: body['cache_prompt'] !== false,
    isStream: booleanField(body, 'stream'),
    reportsProgress: booleanField(body, 'return_progress'),
    reportsTimings: booleanField(body, 'timings_per_token'),
  }
}

/** Negative means without limit. */
function tokenLimit(body: JsonObject): number | undefined {
  for (const name of ['n_predict', 'max_completion_tokens', 'max_tokens']) {
    const value = body[name] ?? undefined
    if (value === undefined) continue
    if (typeof value !== 'number') throw badRequest(wrongType(name, value))
    return value < 0 ? undefined : value
  }
  return undefined
}

function wrongType(name: string, value: unknown): string {
  return `Field '${name}': [json.exception.type_error.302] type must be number, but is ${typeof value}`
}

function promptTokens(body: JsonObject): number[] {
  const { prompt } = body
  if (prompt === undefined) throw badRequest("[json.exception.out_of_range.403] key 'prompt' not found")
  if (isString(prompt)) return tokenize(prompt)
  const parts = listField(body, 'prompt') ?? []
  const isMixed = parts.every((part) => typeof part === 'number') || parts.length <= 1
  if (!isMixed) throw badRequest('The simulated engine takes one prompt a request.')
  return parts.flatMap((part) => (typeof part === 'number' ? [part] : tokenize(String(part))))
}

/** `undefined` for free text; a schema that accepts any object for `json_object`. */
function responseSchema(body: JsonObject): unknown {
  const format = objectField(body, 'response_format') ?? { type: 'text' }
  switch (format['type']) {
    case 'text':
      return undefined
    case 'json_object':
      return format['schema'] ?? { type: 'object' }
    case 'json_schema':
      return objectField(format, 'json_schema')?.['schema'] ?? { type: 'object' }
    default:
      throw badRequest(
        `response_format type must be one of "text" or "json_object", but got: ${String(format['type'])}`,
      )
  }
}

interface ToolChoice {
  readonly offers: boolean
  readonly mustCall: boolean
  readonly name: string | undefined
}

function toolChoice(body: JsonObject): ToolChoice {
  const choice = body['tool_choice'] ?? 'auto'
  if (isJsonObject(choice)) {
    return { offers: true, mustCall: true, name: stringField(objectField(choice, 'function') ?? {}, 'name') }
  }
  if (choice !== 'auto' && choice !== 'none' && choice !== 'required') {
    throw badRequest(`Invalid tool_choice: ${isString(choice) ? choice : JSON.stringify(choice)}`)
  }
  return { offers: choice !== 'none', mustCall: choice === 'required', name: undefined }
}

function toolOf(value: JsonObject): Tool | undefined {
  const definition = objectField(value, 'function')
  const name = definition && stringField(definition, 'name')
  return name === undefined ? undefined : { name, parameters: definition?.['parameters'] ?? { type: 'object' } }
}

function lastUserText(messages: readonly JsonObject[]): string {
  const last = messages.findLast(({ role }) => role === 'user')
  return last ? messageText(last) : ''
}
