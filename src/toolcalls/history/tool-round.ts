import type { AssistantMessage, Message, ToolCallPart, ToolMessage } from '../../core/chat/message.ts'

/** A model's message that calls tools, with the results that follow it. */
export interface ToolRound {
  readonly assistant: AssistantMessage
  readonly calls: readonly ToolCallPart[]
  readonly results: readonly ToolMessage[]
}

export type HistoryEntry = { readonly round: ToolRound } | { readonly message: Message }

/** The history as rounds and what stands between them. Results without a call before them stand alone. */
export function entriesOf(messages: readonly Message[]): HistoryEntry[] {
  const entries: HistoryEntry[] = []
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]
    if (message === undefined) continue
    const calls = message.role === 'assistant' ? callsOf(message) : []
    if (message.role !== 'assistant' || calls.length === 0) {
      entries.push({ message })
      continue
    }
    const results: ToolMessage[] = []
    for (let next = messages[at + 1]; next?.role === 'tool'; next = messages[at + 1]) {
      results.push(next)
      at++
    }
    entries.push({ round: { assistant: message, calls, results } })
  }
  return entries
}

export function callsOf(message: AssistantMessage): ToolCallPart[] {
  return message.parts.filter((part) => part.type === 'tool-call')
}

export function messagesOf(entries: readonly HistoryEntry[]): Message[] {
  return entries.flatMap((entry) =>
    'round' in entry ? [entry.round.assistant, ...entry.round.results] : [entry.message],
  )
}
