import type { ChatRequest, ReasoningWish, ResponseFormat, Tool } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import { LlmrError } from '../../core/error.ts'
import { at, flagAt, listAt, numberAt, objectAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { readItems } from './read-items.ts'
import { readToolChoice } from './read-tools.ts'

export interface ChatParts {
  /** The conversation, what was said before included. */
  readonly items: readonly unknown[]
  readonly tools: readonly Tool[]
  readonly omissions: Omissions
}

/** @throws LlmrError `invalid_request` for what cannot be done, and whose answer would be another's */
export function readChat(json: Readonly<Record<string, unknown>>, { items, tools, omissions }: ChatParts): ChatRequest {
  refuseWhatIsElsewhere(json)
  for (const field of Object.keys(json)) if (!knownFields.has(field)) omissions.add(field)
  for (const wish of listAt(json, 'include')) if (wish !== sealedReasoning) omissions.add(`include ${String(wish)}`)
  if (json['truncation'] === 'auto') omissions.add('truncation auto')
  const messages = [...readInstructions(json['instructions'], omissions), ...readItems(items, omissions)]
  if (messages.length === 0) {
    throw new LlmrError('invalid_request', 'Expected "input" to be a text or a list with at least one item.', {
      param: 'input',
      isRetryable: false,
    })
  }
  return {
    model: textAt(json, 'model') || undefined,
    messages,
    ...readToolChoice(json['tool_choice'], tools, omissions),
    mayCallInParallel: flagAt(json, 'parallel_tool_calls'),
    responseFormat: readFormat(at(json, 'text', 'format'), omissions),
    sampling: { temperature: numberAt(json, 'temperature'), topP: numberAt(json, 'top_p') },
    maxTokens: readMaxTokens(json),
    reasoning: readReasoning(json),
    isStream: flagAt(json, 'stream') ?? false,
    cacheKey: textAt(json, 'prompt_cache_key'),
    user: textAt(json, 'user') ?? textAt(json, 'safety_identifier'),
  }
}

/** Asks for thoughts in a form that can be sent back. */
export const sealedReasoning = 'reasoning.encrypted_content'

/** What is read here or by the response, and what means nothing to an engine of one's own. */
const knownFields: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'temperature',
  'top_p',
  'max_output_tokens',
  'reasoning',
  'stream',
  'stream_options',
  'prompt_cache_key',
  'prompt_cache_retention',
  'user',
  'safety_identifier',
  'metadata',
  'include',
  'store',
  'truncation',
  'background',
  'conversation',
  'previous_response_id',
  'service_tier',
  'client_metadata',
])

/** To leave these out would be to answer something else than was asked. */
function refuseWhatIsElsewhere(json: Readonly<Record<string, unknown>>): void {
  const refuse = (param: string, message: string): never => {
    throw new LlmrError('invalid_request', message, { param, isRetryable: false })
  }
  if (json['background'] === true) {
    refuse(
      'background',
      'llmr has no background responses: leave out "background", and stream a reply that takes long.',
    )
  }
  if (json['conversation'] !== undefined && json['conversation'] !== null) {
    refuse('conversation', 'llmr has no conversations of its own: send the items, or go on by "previous_response_id".')
  }
}

function readInstructions(instructions: unknown, omissions: Omissions): Message[] {
  if (Array.isArray(instructions)) return readItems(instructions, omissions)
  if (typeof instructions !== 'string' || instructions === '') return []
  return [{ role: 'system', parts: [{ type: 'text', text: instructions }] }]
}

function readFormat(format: unknown, omissions: Omissions): ResponseFormat | undefined {
  const type = textAt(format, 'type')
  const schema = objectAt(format, 'schema')
  if (type === undefined || type === 'text') return undefined
  if (type === 'json_object') return { type: 'json' }
  if (type === 'json_schema' && schema !== undefined) {
    const name = textAt(format, 'name')
    const isStrict = flagAt(format, 'strict')
    return {
      type: 'schema',
      schema,
      ...(name !== undefined && { name }),
      ...(isStrict !== undefined && { isStrict }),
    }
  }
  omissions.add(`text.format ${type}`)
  return undefined
}

function readMaxTokens(json: unknown): number | undefined {
  const maxTokens = numberAt(json, 'max_output_tokens')
  return maxTokens === undefined ? undefined : Math.max(1, Math.floor(maxTokens))
}

/** Without an effort the model does as it is used to. */
function readReasoning(json: unknown): ReasoningWish | undefined {
  const effort = textAt(json, 'reasoning', 'effort')
  if (effort === undefined) return undefined
  return effort === 'none' ? { isWanted: false } : { effort }
}
