import type { Message, ToolCallPart } from '../../../src/core/chat/message.ts'

/** Short hands for histories in tests. */
export const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] })

export const said = (text: string): Message => ({ role: 'assistant', parts: [{ type: 'text', text }] })

export const result = (callId: string, text: string, isError = false): Message => ({
  role: 'tool',
  callId,
  parts: [{ type: 'text', text }],
  ...(isError && { isError }),
})

export function call(id: string, name = 'read', args: unknown = { path: id }): Message {
  return { role: 'assistant', parts: [callPart(id, name, args)] }
}

export function callPart(id: string, name: string, args: unknown): ToolCallPart {
  return { type: 'tool-call', id, name, argumentsText: typeof args === 'string' ? args : JSON.stringify(args) }
}

/** One call and its result; ids count up. */
export function rounds(...steps: readonly (readonly [name: string, args: unknown, result: string])[]): Message[] {
  return steps.flatMap(([name, args, text], index) => [call(`id${index}`, name, args), result(`id${index}`, text)])
}

export function repeated<Item>(times: number, item: Item): Item[] {
  return Array.from({ length: times }, () => item)
}
