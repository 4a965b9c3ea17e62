import type { ChatRequest, Tool } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import { LlmrError } from '../../core/error.ts'
import { at, flagAt, listAt, objectAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { readMessages } from './read-messages.ts'
import { readOptions } from './read-options.ts'

/**
 * A request to `/api/chat`. No messages at all is no fault: it is how a model is asked into memory.
 *
 * @throws LlmrError `invalid_request` when `messages` are something else than a list
 */
export function readChat(json: Readonly<Record<string, unknown>>, omissions: Omissions): ChatRequest {
  for (const field of Object.keys(json)) if (!knownFields.has(field)) omissions.add(field)
  expectList(json['messages'])
  const messages = readMessages(listAt(json, 'messages'), omissions)
  return {
    model: textAt(json, 'model'),
    messages,
    tools: listAt(json, 'tools').flatMap((tool) => readTool(tool, omissions)),
    // Streams unless told otherwise.
    isStream: flagAt(json, 'stream') ?? true,
    ...(isBeginning(messages.at(-1)) && { isContinuation: true }),
    ...readOptions(json, omissions),
  }
}

/** What is no list would read as none, and load the model instead of an answer. */
function expectList(messages: unknown): void {
  if (messages === undefined || messages === null || Array.isArray(messages)) return
  throw new LlmrError('invalid_request', `Expected "messages" to be a list of messages; it is a ${typeof messages}.`, {
    param: 'messages',
    isRetryable: false,
  })
}

const knownFields: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'stream',
  'format',
  'options',
  'think',
  'keep_alive',
])

/** A last message of the assistant is the beginning of the reply, unless it waits for what tools give back. */
function isBeginning(last: Message | undefined): boolean {
  if (last?.role !== 'assistant') return false
  return last.parts.some(({ type }) => type === 'text') && last.parts.every(({ type }) => type !== 'tool-call')
}

function readTool(tool: unknown, omissions: Omissions): Tool[] {
  const definition = at(tool, 'function')
  const name = textAt(definition, 'name')
  if (name === undefined) {
    omissions.add(`tool ${textAt(tool, 'type') ?? 'without a type'}`)
    return []
  }
  const description = textAt(definition, 'description')
  const parameters = objectAt(definition, 'parameters') ?? { type: 'object', properties: {} }
  return [{ name, parameters, ...(description !== undefined && { description }) }]
}
