import type { ChatRequest, ResponseFormat, ToolChoice } from '../../core/chat/chat-request.ts'
import type {
  AssistantMessage,
  Message,
  ResultPart,
  ToolMessage,
  UserMessage,
  UserPart,
} from '../../core/chat/message.ts'
import { callsOf } from '../history/tool-round.ts'
import type { CallStyle } from './call-style.ts'

/**
 * A request with tools as one without: the tools are explained in the system message, earlier calls and results are text.
 * Templates that know no tools leave them out without a word, or fail at a history with results. The same tools give the
 * same text, so that the engine finds what it has read.
 */
export function injectTools(request: ChatRequest, style: CallStyle): ChatRequest {
  const { tools, toolChoice, responseFormat, extras } = request
  const offered = offeredTools(request)
  const explained = [
    ...(offered.length === 0 ? [] : [style.explain(offered)]),
    ...(offered.length > 0 ? order(toolChoice, request.mayCallInParallel) : []),
    ...(offered.length > 0 ? answerOrder(responseFormat) : []),
  ]
  const messages = asText(request.messages, style)
  return {
    ...request,
    tools: [],
    toolChoice: undefined,
    mayCallInParallel: undefined,
    // A mask for the answer would make every call impossible.
    responseFormat: offered.length === 0 ? responseFormat : undefined,
    extras: tools.length === 0 ? extras : withoutGrammar(extras),
    messages: explained.length === 0 ? messages : withSystem(messages, explained.join('\n\n')),
  }
}

/** Those that the model may call in this turn. */
export function offeredTools({ tools, toolChoice }: ChatRequest): ChatRequest['tools'] {
  if (toolChoice === 'none') return []
  return typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.name) : tools
}

function order(choice: ToolChoice | undefined, mayCallInParallel: boolean | undefined): string[] {
  return [
    ...(typeof choice === 'object' || choice === 'required' ? ['You must call a tool now.'] : []),
    ...(mayCallInParallel === false ? ['At most one call in an answer.'] : []),
  ]
}

/** A schema for the answer, in words: beside tools a mask for it would make every call impossible. */
export function answerOrder(format: ResponseFormat | undefined): string[] {
  if (format === undefined) return []
  const shape = format.type === 'schema' ? ` of this schema: ${JSON.stringify(format.schema)}` : ''
  return [`When you need no tool any more, answer with JSON alone${shape}`]
}

export function withoutGrammar(extras: ChatRequest['extras']): ChatRequest['extras'] {
  return extras && Object.fromEntries(Object.entries(extras).filter(([name]) => !name.startsWith('grammar')))
}

export function withSystem(messages: readonly Message[], text: string): Message[] {
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', parts: [{ type: 'text', text }] }, ...messages]
  return [{ role: 'system', parts: [...first.parts, { type: 'text', text }] }, ...rest]
}

function asText(messages: readonly Message[], style: CallStyle): Message[] {
  const names = new Map<string, string>()
  return messages.reduce<Message[]>((written, message) => {
    if (message.role === 'tool') return withResult(written, message, style, names)
    if (message.role !== 'assistant') return [...written, message]
    for (const { id, name } of callsOf(message)) names.set(id, name)
    return [...written, withWrittenCalls(message, style)]
  }, [])
}

function withWrittenCalls(message: AssistantMessage, style: CallStyle): AssistantMessage {
  const calls = callsOf(message)
  if (calls.length === 0) return message
  const said = message.parts.filter(({ type }) => type !== 'tool-call')
  const gap = said.some(({ type }) => type === 'text') ? '\n' : ''
  const text = gap + calls.map(style.writeCall).join('\n')
  return { role: 'assistant', parts: [...said, { type: 'text', text }] }
}

/** Results of one turn are one message: templates want user and assistant in turn. */
function withResult(
  written: readonly Message[],
  result: ToolMessage,
  style: CallStyle,
  names: ReadonlyMap<string, string>,
): Message[] {
  const parts: UserPart[] = [
    { type: 'text', text: style.writeResult(result, result.name ?? names.get(result.callId) ?? '') },
    ...result.parts.filter(isShown),
  ]
  const before = written.at(-1)
  if (before?.role !== 'user') return [...written, { role: 'user', parts }]
  const joined: UserMessage = { ...before, parts: [...before.parts, ...parts] }
  return [...written.slice(0, -1), joined]
}

function isShown(part: ResultPart): part is Exclude<ResultPart, { type: 'text' }> {
  return part.type !== 'text'
}
