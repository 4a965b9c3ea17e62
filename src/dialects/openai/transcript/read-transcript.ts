import type { Tool } from '../../../core/chat/chat-request.ts'
import type { Message } from '../../../core/chat/message.ts'
import { at, listAt, numberAt, parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import { readChat } from '../chat/read-chat.ts'

/** A recorded conversation with tools, as the requests that a client sent along it. */
export interface Transcript {
  readonly id: string
  readonly model: string | undefined
  readonly requests: readonly TranscriptRequest[]
}

export interface TranscriptRequest {
  readonly messages: readonly Message[]
  readonly tools: readonly Tool[]
}

export const transcriptVersion = 1

/**
 * Reads what people have: llmr's own transcripts (JSON lines behind a header), one list of OpenAI messages, the body of one
 * request, or JSON lines of any of these. A list or body is a whole conversation, and becomes a request for each turn of
 * the model; lines `{"request": …}` are requests as they were sent.
 *
 * @param name what conversations without an id are called
 * @throws SyntaxError what was expected, and where
 */
export function readTranscripts(text: string, name: string): Transcript[] {
  const whole = parseForeignJson(text)
  if (whole !== undefined) return [conversation(whole, name, name)]
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const values = lines.map((line, index) => parsed(line, `${name}, line ${index + 1}`))
  const [header, ...rest] = values
  if (textAt(header, 'format') !== undefined) return [ownTranscript(header, rest, name)]
  return values.map((value, index) => conversation(value, `${name}#${index + 1}`, `${name}, line ${index + 1}`))
}

function parsed(line: string, place: string): unknown {
  const value = parseForeignJson(line)
  if (value === undefined) throw new SyntaxError(`${place}: expected JSON; it begins with ${line.slice(0, 40)}`)
  return value
}

/** The header, then messages, or requests as they were sent. */
function ownTranscript(header: unknown, lines: readonly unknown[], name: string): Transcript {
  const format = textAt(header, 'format')
  const version = numberAt(header, 'version')
  if (format !== 'llmr-transcript' || version !== transcriptVersion) {
    throw new SyntaxError(
      `${name}: expected format llmr-transcript, version ${transcriptVersion}; it is ${format}, version ${version ?? 'none'}`,
    )
  }
  const id = textAt(header, 'id') ?? name
  const sent = lines.filter((line) => at(line, 'request') !== undefined)
  if (sent.length > 0) {
    const requests = sent.map((line) => readChat(asBody(at(line, 'request'), name)).request)
    return { id, model: requests[0]?.model ?? textAt(header, 'model'), requests }
  }
  return conversation({ id, model: at(header, 'model'), tools: at(header, 'tools'), messages: lines }, id, name)
}

function conversation(value: unknown, id: string, place: string): Transcript {
  const { model, messages, tools: offered } = readChat(asBody(value, place)).request
  const tools = offered.length > 0 ? offered : toolsCalled(messages)
  const requests = turnsOf(messages).map((turn) => ({ messages: turn, tools }))
  return { id: textAt(value, 'id') ?? id, model, requests }
}

function asBody(value: unknown, place: string): Readonly<Record<string, unknown>> {
  const body = Array.isArray(value) ? { messages: value } : value
  const messages = listAt(body, 'messages')
  const isChat = messages.length > 0 && messages.every((message) => textAt(message, 'role') !== undefined)
  if (!isChat || typeof body !== 'object' || body === null) {
    throw new SyntaxError(`${place}: expected OpenAI messages, each with a role, or an object with "messages"`)
  }
  return { ...body }
}

/** Plain lists do not say what was offered; what was called will have been. */
function toolsCalled(messages: readonly Message[]): Tool[] {
  const names = messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])))
  return Array.from(new Set(names), (name) => ({ name, parameters: {} }))
}

/** The history each time it was the model's turn: after a person's word, or when all results of a round are there. */
function turnsOf(messages: readonly Message[]): (readonly Message[])[] {
  return messages.flatMap((message, index) => {
    const isTurn = message.role === 'tool' || message.role === 'user'
    const next = messages[index + 1]?.role
    return isTurn && next !== 'tool' && next !== 'user' ? [messages.slice(0, index + 1)] : []
  })
}
