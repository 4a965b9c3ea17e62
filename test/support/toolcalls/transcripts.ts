import { gunzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'

import type { AssistantPart, Message } from '../../../src/core/chat/message.ts'
import { corpusFile } from './corpus.ts'

export interface Transcript {
  readonly id: string
  readonly set: string
  readonly label: string
  readonly pattern: string
  readonly messages: readonly Message[]
}

interface WireMessage {
  readonly role: string
  readonly content?: string | null
  readonly is_error?: boolean
  readonly tool_call_id?: string
  readonly tool_calls?: readonly {
    readonly id: string
    readonly function: { readonly name: string; readonly arguments: string }
  }[]
}

/** Recorded and doctored agent runs; none where the corpus is not. */
export function readTranscripts(): Transcript[] {
  const path = corpusFile('loops.jsonl.gz')
  if (path === undefined) return []
  return gunzipSync(readFileSync(path))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row = JSON.parse(line) as Omit<Transcript, 'messages'> & { readonly messages: readonly WireMessage[] }
      return { ...row, messages: row.messages.map(messageOf) }
    })
}

function messageOf(wire: WireMessage): Message {
  const text = wire.content ?? ''
  const parts = text === '' ? [] : [{ type: 'text', text } as const]
  if (wire.role === 'tool')
    return { role: 'tool', callId: wire.tool_call_id ?? '', parts, ...(wire.is_error === true && { isError: true }) }
  if (wire.role !== 'assistant') return { role: wire.role === 'user' ? 'user' : 'system', parts }
  const calls = (wire.tool_calls ?? []).map((call): AssistantPart => ({
    type: 'tool-call',
    id: call.id,
    name: call.function.name,
    argumentsText: call.function.arguments,
  }))
  return { role: 'assistant', parts: [...parts, ...calls] }
}

/** The requests a client sends along a run: one whenever it is the model's turn. */
export function requestsOf(messages: readonly Message[]): (readonly Message[])[] {
  return messages.flatMap((message, index) => {
    const isTurn = message.role === 'tool' || message.role === 'user'
    return isTurn && messages[index + 1]?.role !== 'tool' ? [messages.slice(0, index + 1)] : []
  })
}

/** A client that sends each request before its tool has answered: the last round stands there many times. */
export function withReplays(messages: readonly Message[], times: number): Message[] {
  const start = messages.findLastIndex(
    (message) => message.role === 'assistant' && message.parts.some(({ type }) => type === 'tool-call'),
  )
  const end = messages.findIndex((message, index) => index > start && message.role !== 'tool')
  const round = messages.slice(start, end === -1 ? undefined : end)
  return start === -1
    ? [...messages]
    : [...messages.slice(0, start + round.length), ...Array.from({ length: times }, () => round).flat()]
}
