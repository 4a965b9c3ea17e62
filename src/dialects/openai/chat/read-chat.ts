import type { ChatRequest, ResponseFormat, Sampling, Tool, ToolChoice } from '../../../core/chat/chat-request.ts'
import { at, flagAt, listAt, numberAt, textAt } from '../../../core/foreign-json.ts'
import { readMessages } from './read-messages.ts'

/** A chat in OpenAI's shape, in neutral words. Fields that nobody knows are kept for the engine. */
export function readChat(json: Readonly<Record<string, unknown>>): { request: ChatRequest; notes: string[] } {
  const notes: string[] = []
  const effort = textAt(json, 'reasoning_effort')
  const request: ChatRequest = {
    model: textAt(json, 'model'),
    messages: readMessages(listAt(json, 'messages'), notes),
    tools: readTools(json, notes),
    toolChoice: readToolChoice(at(json, 'tool_choice')),
    mayCallInParallel: flagAt(json, 'parallel_tool_calls'),
    responseFormat: readResponseFormat(at(json, 'response_format')),
    sampling: readSampling(json),
    maxTokens: numberAt(json, 'max_completion_tokens') ?? numberAt(json, 'max_tokens'),
    reasoning: effort === undefined ? undefined : { effort, ...(effort === 'none' && { isWanted: false }) },
    isStream: json['stream'] === true,
    cacheKey: textAt(json, 'prompt_cache_key'),
    user: textAt(json, 'user'),
    extras: Object.fromEntries(Object.entries(json).filter(([name]) => !known.has(name))),
  }
  return { request, notes }
}

const known: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'functions',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'repeat_penalty',
  'repetition_penalty',
  'max_tokens',
  'max_completion_tokens',
  'reasoning_effort',
  'stream',
  'stream_options',
  'prompt_cache_key',
  'user',
])

function readTools(json: unknown, notes: string[]): Tool[] {
  const legacy = listAt(json, 'functions').map((definition) => ({ type: 'function', function: definition }))
  return [...listAt(json, 'tools'), ...legacy].flatMap((tool): Tool[] => {
    const definition = at(tool, 'function')
    const name = textAt(definition, 'name')
    if (name === undefined) {
      notes.push(`a tool of type ${textAt(tool, 'type')?.slice(0, 40) ?? 'unknown'}`)
      return []
    }
    return [
      {
        name,
        description: textAt(definition, 'description'),
        parameters: asObject(at(definition, 'parameters')),
        isStrict: flagAt(definition, 'strict'),
      },
    ]
  })
}

function readToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  const name = textAt(choice, 'function', 'name')
  return name === undefined ? undefined : { name }
}

function readResponseFormat(format: unknown): ResponseFormat | undefined {
  const type = textAt(format, 'type')
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema') return undefined
  const described = at(format, 'json_schema')
  return {
    type: 'schema',
    name: textAt(described, 'name'),
    schema: asObject(at(described, 'schema')),
    isStrict: flagAt(described, 'strict'),
  }
}

function readSampling(json: unknown): Sampling {
  const stop = at(json, 'stop')
  const stops = typeof stop === 'string' ? [stop] : listAt(json, 'stop').filter((text) => typeof text === 'string')
  return {
    temperature: numberAt(json, 'temperature'),
    topP: numberAt(json, 'top_p'),
    topK: numberAt(json, 'top_k'),
    minP: numberAt(json, 'min_p'),
    seed: numberAt(json, 'seed'),
    stop: stops.length === 0 ? undefined : stops,
    presencePenalty: numberAt(json, 'presence_penalty'),
    frequencyPenalty: numberAt(json, 'frequency_penalty'),
    repeatPenalty: numberAt(json, 'repeat_penalty') ?? numberAt(json, 'repetition_penalty'),
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : { type: 'object', properties: {} }
}
