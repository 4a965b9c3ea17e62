import type { ChatRequest, ReasoningWish, ResponseFormat } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import { at, flagAt, listAt, numberAt, objectAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { readMessages } from './read-messages.ts'
import { readSystem } from './read-system.ts'
import { readToolChoice, readTools } from './read-tools.ts'
import { readUserId } from './read-user-id.ts'

/** @throws LlmrError `invalid_request` when there are no messages */
export function readChat(json: Readonly<Record<string, unknown>>, omissions: Omissions): ChatRequest {
  for (const field of Object.keys(json)) if (!knownFields.has(field)) omissions.add(field)
  const messages = [...readSystem(json['system'], omissions), ...readMessages(json['messages'], omissions)]
  const tools = readTools(json['tools'], omissions)
  return {
    model: textAt(json, 'model'),
    messages,
    tools,
    ...readToolChoice(json['tool_choice'], { tools, omissions }),
    responseFormat: readFormat(at(json, 'output_config', 'format') ?? json['output_format'], omissions),
    sampling: {
      temperature: numberAt(json, 'temperature'),
      topP: numberAt(json, 'top_p'),
      topK: numberAt(json, 'top_k'),
      stop: readStop(json),
    },
    maxTokens: readMaxTokens(json),
    reasoning: readReasoning(json),
    isStream: flagAt(json, 'stream') ?? false,
    isContinuation: isBeginning(messages.at(-1)),
    ...readUserId(textAt(json, 'metadata', 'user_id')),
  }
}

/** What is read, and what means nothing to an engine of one's own: how a cache is billed, in which queue of the provider's. */
const knownFields: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'output_config',
  'output_format',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'max_tokens',
  'thinking',
  'stream',
  'metadata',
  'cache_control',
  'service_tier',
])

function readFormat(format: unknown, omissions: Omissions): ResponseFormat | undefined {
  if (format === undefined || format === null) return undefined
  const schema = objectAt(format, 'schema')
  if (textAt(format, 'type') === 'json_schema' && schema !== undefined) {
    return { type: 'schema', schema, isStrict: true }
  }
  omissions.add(`output_config.format ${textAt(format, 'type') ?? ''}`)
  return undefined
}

function readStop(json: unknown): readonly string[] | undefined {
  const sequences = listAt(json, 'stop_sequences').filter((entry) => typeof entry === 'string')
  return sequences.length === 0 ? undefined : sequences
}

/** 0 asks for the prompt to be read and nothing said; the least an engine can say is one token. */
function readMaxTokens(json: unknown): number | undefined {
  const maxTokens = numberAt(json, 'max_tokens')
  return maxTokens === undefined ? undefined : Math.max(1, Math.floor(maxTokens))
}

/** A last message of the assistant is the beginning of the reply, unless it waits for what tools give back. */
function isBeginning(last: Message | undefined): boolean {
  if (last?.role !== 'assistant') return false
  return last.parts.some(({ type }) => type === 'text') && last.parts.every(({ type }) => type !== 'tool-call')
}

/** Without `thinking` the model does as it is used to. */
function readReasoning(json: unknown): ReasoningWish | undefined {
  const type = textAt(json, 'thinking', 'type')
  const effort = textAt(json, 'output_config', 'effort')
  if (type === undefined && effort === undefined) return undefined
  return {
    isWanted: type === undefined ? undefined : type !== 'disabled',
    effort,
    maxTokens: numberAt(json, 'thinking', 'budget_tokens'),
  }
}

/**
 * Whether thinking is shown to the client. Programs that did not ask for it take the first block for the answer; those
 * that asked to have it omitted want none either.
 */
export function wantsThinking(json: unknown): boolean {
  const type = textAt(json, 'thinking', 'type')
  return type !== undefined && type !== 'disabled' && textAt(json, 'thinking', 'display') !== 'omitted'
}
