import type { ChatRequest, Tool } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import { at, listAt, numberAt, parseForeignJson, textAt } from '../../core/foreign-json.ts'
import { readBody } from './read-body.ts'
import { type Transcript, transcriptFormat, type TranscriptRequest, transcriptVersion } from './transcript.ts'

/**
 * Reads what people have: llmr's own transcripts (JSON lines behind a header), one list of OpenAI messages, the body of one
 * request in any dialect, captures (`{"requests": [{"url", "body"}…]}`), or JSON lines of any of these. A list or body is a
 * whole conversation, and becomes a request for each turn of the model; requests of captures and lines `{"request": …}`
 * are taken as they were sent.
 *
 * @param name what conversations without an id are called
 * @throws SyntaxError what was expected, and where
 */
export function readTranscripts(text: string, name: string): Transcript[] {
  const whole = parseForeignJson(text)
  if (textAt(whole, 'format') !== undefined) return ownTranscripts(whole, [], name)
  if (whole !== undefined) return [transcriptOf(whole, name, name)]
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const values = lines.map((line, index) => parsed(line, `${name}, line ${index + 1}`))
  const [header, ...rest] = values
  if (textAt(header, 'format') !== undefined) return ownTranscripts(header, rest, name)
  return values.map((value, index) => transcriptOf(value, `${name}#${index + 1}`, `${name}, line ${index + 1}`))
}

function parsed(line: string, place: string): unknown {
  const value = parseForeignJson(line)
  if (value === undefined) throw new SyntaxError(`${place}: expected JSON; it begins with ${line.slice(0, 40)}`)
  return value
}

function transcriptOf(value: unknown, id: string, place: string): Transcript {
  return listAt(value, 'requests').length > 0 ? capture(value, id, place) : conversation(value, id, place)
}

/** The header, then messages, or requests as they were sent: those of one conversation are one run. */
function ownTranscripts(header: unknown, lines: readonly unknown[], name: string): Transcript[] {
  const format = textAt(header, 'format')
  const version = numberAt(header, 'version')
  if (format !== transcriptFormat || version !== transcriptVersion) {
    throw new SyntaxError(
      `${name}: expected format ${transcriptFormat}, version ${transcriptVersion}; it is ${format}, version ${version ?? 'none'}`,
    )
  }
  const id = textAt(header, 'id') ?? name
  const sent = lines.filter((line) => at(line, 'request') !== undefined)
  if (sent.length === 0) {
    if (lines.length === 0) return []
    return [conversation({ id, model: at(header, 'model'), tools: at(header, 'tools'), messages: lines }, id, name)]
  }
  const runs = Map.groupBy(sent, (line) => textAt(line, 'conversation'))
  return Array.from(runs, ([run, requests]) => {
    const read = requests.map((line) => sentRequest(at(line, 'request'), { path: textAt(line, 'path'), place: name }))
    return {
      id: run === undefined || runs.size === 1 ? id : `${id}/${run}`,
      model: read[0]?.model ?? textAt(header, 'model'),
      requests: read.map((request, index) => ({
        ...withTask(request, textAt(requests[index], 'task')),
        line: requests[index],
      })),
    }
  })
}

/** Of the requests that a client was seen to send, those that ask for a chat. */
function capture(value: unknown, id: string, place: string): Transcript {
  const requests = listAt(value, 'requests').flatMap((sent): TranscriptRequest[] => {
    const request = readBody(at(sent, 'body'), textAt(sent, 'url') ?? textAt(sent, 'path'))
    return request === undefined ? [] : [withTask(request, textAt(sent, 'headers', 'x-llmr-task'))]
  })
  if (requests.length === 0) throw new SyntaxError(`${place}: expected requests for chats; it has none`)
  return { id: textAt(value, 'scenario') ?? textAt(value, 'id') ?? id, model: requests[0]?.model, requests }
}

function withTask(request: ChatRequest, task: string | undefined): TranscriptRequest {
  return task === undefined ? request : { ...request, task }
}

function sentRequest(value: unknown, { path, place }: { path: string | undefined; place: string }): ChatRequest {
  const request = readBody(value, path)
  if (request !== undefined) return request
  throw new SyntaxError(
    `${place}: expected OpenAI messages, each with a role, or the body of a chat, in any dialect that llmr serves`,
  )
}

function conversation(value: unknown, id: string, place: string): Transcript {
  const whole = sentRequest(value, { path: undefined, place })
  const tools = whole.tools.length > 0 ? whole.tools : toolsCalled(whole.messages)
  const requests = turnsOf(whole.messages).map(({ messages, answer }) => ({ ...whole, messages, tools, answer }))
  return { id: textAt(value, 'id') ?? id, model: whole.model, requests }
}

/** Plain lists do not say what was offered; what was called will have been. */
function toolsCalled(messages: readonly Message[]): Tool[] {
  const names = messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])))
  return Array.from(new Set(names), (name) => ({ name, parameters: {} }))
}

type Turn = Pick<TranscriptRequest, 'messages' | 'answer'>

/** The history each time it was the model's turn: after a person's word, or when all results of a round are there. */
function turnsOf(messages: readonly Message[]): Turn[] {
  return messages.flatMap((message, index): Turn[] => {
    const isTurn = message.role === 'tool' || message.role === 'user'
    const next = messages[index + 1]
    if (!isTurn || next?.role === 'tool' || next?.role === 'user') return []
    const answer = next?.role === 'assistant' ? next.parts : undefined
    return [{ messages: messages.slice(0, index + 1), ...(answer !== undefined && { answer }) }]
  })
}
