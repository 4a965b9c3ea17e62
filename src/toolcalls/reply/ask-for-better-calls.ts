import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { Message, ToolCallPart, ToolMessage } from '../../core/chat/message.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { offeredTools } from '../inject/inject-tools.ts'
import type { ToldCall } from '../inject/call-reader.ts'
import { parseJson } from '../values/coerce-text.ts'
import { asSchema } from '../values/schema-types.ts'

/**
 * The request with the model's calls behind it, and as their results what is wrong with them: models know that shape, and
 * the engine finds again what it has read.
 */
export function askForBetterCalls(request: ChatRequest, calls: readonly ToldCall[]): ChatRequest {
  const asked: Message = { role: 'assistant', parts: calls.map(callPart) }
  return { ...request, messages: [...request.messages, asked, ...calls.map(verdict)], isContinuation: false }
}

/** The request, and that nothing came of it: small models think, or announce, and end. */
export function askForWord(request: ChatRequest): ChatRequest {
  return { ...request, messages: [...request.messages, ordered(goOn)], isContinuation: false }
}

/** The request with what the model said instead of the call that its client insists on. */
export function askForCall(request: ChatRequest, said: readonly ReplyPart[]): ChatRequest {
  const text = said.reduce((all, part) => (part.type === 'text' ? all + part.text : all), '')
  const answered: Message[] = text.trim() === '' ? [] : [{ role: 'assistant', parts: [{ type: 'text', text }] }]
  const names = offeredTools(request).map(({ name }) => name)
  const order = ordered(`You must call a tool now: ${names.join(' or ')}. Write the call, and nothing else.`)
  return { ...request, messages: [...request.messages, ...answered, order], isContinuation: false }
}

function ordered(text: string): Message {
  return { role: 'user', parts: [{ type: 'text', text }] }
}

const goOn = 'Your reply was empty. Call the next tool now, or give your answer.'

/** Templates fail at arguments that are no object; what the model wrote stands in the verdict then. */
function callPart({ id, name, argumentsText }: ToldCall): ToolCallPart {
  return { type: 'tool-call', id, name, argumentsText: isObject(argumentsText) ? argumentsText : '{}' }
}

function verdict({ id, name, argumentsText, problems }: ToldCall): ToolMessage {
  const written = isObject(argumentsText) ? [] : [`You wrote: ${argumentsText.slice(0, writtenMax)}`]
  const text =
    problems.length === 0
      ? 'Not carried out, since another call was wrong. Make this call again as it is.'
      : ['Not carried out. The call does not fit the tool:', ...problems.slice(0, problemsMax), ...written, again].join(
          '\n',
        )
  return { role: 'tool', callId: id, name, parts: [{ type: 'text', text }], isError: problems.length > 0 }
}

const again = 'Make the call again, put right.'
const problemsMax = 8
/** Characters. */
const writtenMax = 1_000

function isObject(text: string): boolean {
  return asSchema(parseJson(text)) !== undefined
}
