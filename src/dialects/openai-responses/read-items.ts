import {
  type AssistantPart,
  type Message,
  type ResultPart,
  textOf,
  type ToolCallPart,
  type ToolMessage,
} from '../../core/chat/message.ts'
import { at, listAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { customArguments } from './custom-tool.ts'
import { openReasoning } from './encrypted-reasoning.ts'
import { isNoticeId } from './item-ids.ts'
import { readContent } from './read-content.ts'
import { flatName } from './tool-names.ts'

/** The items of a conversation as messages: what the model thought, said and called in one go is one message of its. */
export function readItems(items: readonly unknown[], omissions: Omissions): Message[] {
  const messages: Message[] = []
  for (const item of items) {
    const read = readItem(item, omissions)
    if (Array.isArray(read)) addSaid(messages, read)
    else if (read !== undefined) messages.push(read)
  }
  return messages
}

/** A list is what the assistant said or did. */
function readItem(item: unknown, omissions: Omissions): Message | AssistantPart[] | undefined {
  const type = textAt(item, 'type') ?? (at(item, 'role') === undefined ? undefined : 'message')
  switch (type) {
    case 'message':
      return readMessage(item, omissions)
    case 'reasoning':
      return readReasoning(item)
    case 'function_call':
      return [callOf(item, textAt(item, 'arguments') ?? '')]
    case 'custom_tool_call':
      return [callOf(item, customArguments(textAt(item, 'input') ?? ''))]
    case 'function_call_output':
    case 'custom_tool_call_output':
      return readResult(item, omissions)
    default:
      omissions.add(`item ${type ?? 'without a type'}`)
      return undefined
  }
}

function readMessage(item: unknown, omissions: Omissions): Message | AssistantPart[] | undefined {
  const content = at(item, 'content')
  switch (textAt(item, 'role')) {
    case 'user':
      return { role: 'user', parts: readContent(content, omissions) }
    case 'assistant':
      return readAssistant(content, omissions)
    case 'system':
    case 'developer':
      return { role: 'system', parts: readContent(content, omissions).filter((part) => part.type === 'text') }
    default:
      omissions.add('message of an unknown role')
      return undefined
  }
}

function readAssistant(content: unknown, omissions: Omissions): AssistantPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return listAt(content).flatMap((part): AssistantPart[] => {
    const refusal = textAt(part, 'refusal')
    if (refusal !== undefined) return [{ type: 'refusal', text: refusal }]
    return readContent([part], omissions).filter((read) => read.type === 'text')
  })
}

/** A thought that we sealed is read again; what another provider encrypted only its maker can read. */
function readReasoning(item: unknown): AssistantPart[] {
  if (isNoticeId(textAt(item, 'id') ?? '')) return []
  const encrypted = textAt(item, 'encrypted_content') ?? ''
  const sealed = openReasoning(encrypted)
  const [shown, raw] = [at(item, 'summary'), at(item, 'content')].map((parts) =>
    listAt(parts).flatMap((part) => textAt(part, 'text') ?? []),
  )
  const text = sealed ?? (raw?.length ? raw.join('') : (shown ?? []).join('\n\n'))
  const signature = sealed === undefined && encrypted !== '' ? { signature: encrypted } : {}
  return text === '' && encrypted === '' ? [] : [{ type: 'reasoning', text, ...signature }]
}

function callOf(item: unknown, argumentsText: string): ToolCallPart {
  const name = flatName({ name: textAt(item, 'name') ?? '', namespace: textAt(item, 'namespace') })
  return { type: 'tool-call', id: textAt(item, 'call_id') ?? textAt(item, 'id') ?? '', name, argumentsText }
}

function readResult(item: unknown, omissions: Omissions): ToolMessage {
  const output = at(item, 'output')
  const isContent = typeof output === 'string' || Array.isArray(output)
  const parts = readContent(isContent ? output : JSON.stringify(output ?? ''), omissions)
  const callId = textAt(item, 'call_id') ?? ''
  return { role: 'tool', callId, parts: parts.filter((part): part is ResultPart => part.type !== 'audio') }
}

/**
 * A thought or a word after other words begins a message of its own, unless calls wait for their results: those have to
 * follow the message that called.
 */
function addSaid(messages: Message[], said: readonly AssistantPart[]): void {
  const last = messages.at(-1)
  if (said.length === 0) return
  if (last?.role === 'assistant' && (isCall(said) || isCall(last.parts) || textOf(last.parts) === '')) {
    messages[messages.length - 1] = { ...last, parts: [...last.parts, ...said] }
  } else messages.push({ role: 'assistant', parts: said })
}

function isCall(parts: readonly AssistantPart[]): boolean {
  return parts.some(({ type }) => type === 'tool-call')
}
