import type { AssistantMessage, AssistantPart, Message, ToolMessage } from '../../core/chat/message.ts'
import { at, listAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { argumentsOf } from '../tool-input.ts'
import { OpenCalls } from './open-calls.ts'
import { readImage } from './read-image.ts'

export function readMessages(list: readonly unknown[], omissions: Omissions): Message[] {
  const calls = new OpenCalls()
  return list.flatMap((message): Message[] => {
    const role = textAt(message, 'role')
    const content = textAt(message, 'content') ?? ''
    switch (role) {
      case 'system':
        return [{ role, parts: [{ type: 'text', text: content }] }]
      case 'user':
        return [{ role, parts: [...textParts(content), ...imagesOf(message)] }]
      case 'assistant':
        return [readAssistant(message, calls)]
      case 'tool':
        return [readResult(message, calls)]
      default:
        omissions.add(`message of role ${role ?? 'unknown'}`)
        return []
    }
  })
}

function readAssistant(message: unknown, calls: OpenCalls): AssistantMessage {
  const thinking = textAt(message, 'thinking') ?? ''
  const parts: AssistantPart[] = [
    ...(thinking === '' ? [] : [{ type: 'reasoning', text: thinking } as const]),
    ...textParts(textAt(message, 'content') ?? ''),
  ]
  for (const call of listAt(message, 'tool_calls')) {
    const name = textAt(call, 'function', 'name') ?? ''
    const argumentsText = argumentsOf(at(call, 'function', 'arguments'))
    parts.push({ type: 'tool-call', id: calls.open(name, textAt(call, 'id')), name, argumentsText })
  }
  return { role: 'assistant', parts }
}

function readResult(message: unknown, calls: OpenCalls): ToolMessage {
  const name = textAt(message, 'tool_name') || textAt(message, 'name') || undefined
  return {
    role: 'tool',
    callId: calls.answer(name, textAt(message, 'tool_call_id')),
    parts: [...textParts(textAt(message, 'content') ?? ''), ...imagesOf(message)],
    ...(name !== undefined && { name }),
  }
}

function textParts(text: string): { type: 'text'; text: string }[] {
  return text === '' ? [] : [{ type: 'text', text }]
}

function imagesOf(message: unknown) {
  return listAt(message, 'images').flatMap(readImage)
}
