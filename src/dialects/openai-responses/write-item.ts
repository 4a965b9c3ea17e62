import type { ReasoningPart, RefusalPart, TextPart, ToolCallPart } from '../../core/chat/message.ts'
import { customInputOf } from './custom-input.ts'
import { sealReasoning } from './encrypted-reasoning.ts'
import type { ReasoningStyle } from './response-facts.ts'
import type { ClientTool } from './tool-names.ts'

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

interface Head {
  readonly id: string
  readonly status: ItemStatus
}

export function messageItem({ id, status }: Head, parts: readonly (TextPart | RefusalPart)[]): object {
  return { id, type: 'message', status, role: 'assistant', content: parts.map(contentPart) }
}

export function contentPart(part: TextPart | RefusalPart): object {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text }
  return { type: 'output_text', text: part.text, annotations: [], logprobs: [] }
}

export function reasoningItem({ id, status }: Head, part: ReasoningPart, style: ReasoningStyle): object {
  const { text, signature } = part
  const isDone = status !== 'in_progress'
  return {
    id,
    type: 'reasoning',
    status,
    summary: style.isSummary && isDone ? [{ type: 'summary_text', text }] : [],
    ...(!style.isSummary && { content: isDone ? [{ type: 'reasoning_text', text }] : [] }),
    ...(style.isSealed && { encrypted_content: isDone ? (signature ?? sealReasoning(text)) : null }),
  }
}

/** @param tool what the client calls it */
export function callItem({ id, status }: Head, call: ToolCallPart, tool: ClientTool): object {
  const names = {
    call_id: call.id,
    name: tool.name,
    ...(tool.namespace !== undefined && { namespace: tool.namespace }),
  }
  if (tool.kind === 'custom') {
    return { id, type: 'custom_tool_call', status, ...names, input: customInputOf(call.argumentsText) }
  }
  return { id, type: 'function_call', status, ...names, arguments: argumentsOf(call.argumentsText) }
}

/** A call without arguments says so: not every client takes nothing for an object without fields. */
export function argumentsOf(argumentsText: string): string {
  return argumentsText === '' ? '{}' : argumentsText
}
