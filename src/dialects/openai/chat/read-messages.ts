import { mediaSourceOf } from '../../../core/chat/media-source.ts'
import type {
  AssistantPart,
  FilePart,
  Message,
  ResultPart,
  TextPart,
  ToolCallPart,
  UserPart,
} from '../../../core/chat/message.ts'
import { at, listAt, textAt } from '../../../core/foreign-json.ts'
import { imageUrlOf } from './image-parts.ts'

/** The messages of a chat, in neutral words. What has no place there is named in `notes`. */
export function readMessages(messages: readonly unknown[], notes: string[]): Message[] {
  return messages.flatMap((message): Message[] => {
    switch (textAt(message, 'role')) {
      case 'system':
      case 'developer':
        return [{ role: 'system', parts: textParts(at(message, 'content')) }]
      case 'assistant':
        return [{ role: 'assistant', parts: assistantParts(message) }]
      case 'tool':
      case 'function':
        return [readResult(message, notes)]
      default: {
        const name = textAt(message, 'name')
        return [{ role: 'user', parts: userParts(at(message, 'content'), notes), ...(name !== undefined && { name }) }]
      }
    }
  })
}

function readResult(message: unknown, notes: string[]): Message {
  const name = textAt(message, 'name')
  const parts = userParts(at(message, 'content'), notes).filter((part): part is ResultPart => part.type !== 'audio')
  return {
    role: 'tool',
    callId: textAt(message, 'tool_call_id') ?? name ?? '',
    ...(name !== undefined && { name }),
    parts,
  }
}

function assistantParts(message: unknown): AssistantPart[] {
  const reasoning = textAt(message, 'reasoning_content') || textAt(message, 'reasoning')
  const refusal = textAt(message, 'refusal')
  return [
    ...(reasoning ? [{ type: 'reasoning', text: reasoning } as const] : []),
    ...textParts(at(message, 'content')).filter(({ text }) => text !== ''),
    ...(refusal ? [{ type: 'refusal', text: refusal } as const] : []),
    ...calls(message),
  ]
}

function calls(message: unknown): ToolCallPart[] {
  const legacy = at(message, 'function_call')
  const written = [...listAt(message, 'tool_calls'), ...(legacy ? [{ function: legacy }] : [])]
  return written.flatMap((call): ToolCallPart[] => {
    const called = at(call, 'function') ?? at(call, 'custom')
    const name = textAt(called, 'name')
    if (name === undefined) return []
    const given = at(called, 'arguments') ?? at(called, 'input') ?? ''
    const argumentsText = typeof given === 'string' ? given : JSON.stringify(given)
    return [{ type: 'tool-call', id: textAt(call, 'id') ?? name, name, argumentsText }]
  })
}

function textParts(content: unknown): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return (Array.isArray(content) ? content : []).flatMap((part: unknown): TextPart[] => {
    const text = textAt(part, 'text') ?? (typeof part === 'string' ? part : undefined)
    return text === undefined ? [] : [{ type: 'text', text }]
  })
}

function userParts(content: unknown, notes: string[]): UserPart[] {
  if (!Array.isArray(content)) return textParts(content)
  return content.flatMap((part: unknown): UserPart[] => {
    const read = userPart(part)
    if (read !== undefined) return [read]
    notes.push(`a part of type ${textAt(part, 'type')?.slice(0, 40) ?? 'unknown'}`)
    return []
  })
}

function userPart(part: unknown): UserPart | undefined {
  const text = typeof part === 'string' ? part : textAt(part, 'text')
  if (text !== undefined) return { type: 'text', text }
  const image = imageUrlOf(part)
  if (image !== undefined) {
    const detail = textAt(part, 'image_url', 'detail') ?? textAt(part, 'detail')
    return { type: 'image', source: mediaSourceOf(image), ...(detail !== undefined && { detail }) }
  }
  const audio = textAt(part, 'input_audio', 'data')
  if (audio !== undefined) {
    return { type: 'audio', data: audio, format: textAt(part, 'input_audio', 'format') ?? 'wav' }
  }
  const file = textAt(part, 'file', 'file_data') ?? textAt(part, 'file_data')
  return file === undefined ? undefined : filePart(file, textAt(part, 'file', 'filename') ?? textAt(part, 'filename'))
}

function filePart(data: string, name: string | undefined): FilePart {
  return { type: 'file', source: mediaSourceOf(data), ...(name !== undefined && { name }) }
}
