import type { Tool, ToolChoice } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import { callsOf } from '../history/tool-round.ts'
import type { LoopVerdict } from './loop-finding.ts'
import { isFromPerson } from './tool-step.ts'
import { uniqueResults, type UniqueResult } from './unique-results.ts'

/** What of a request a verdict changes. */
export interface GuardedRequest {
  readonly messages: readonly Message[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
}

/** The request as it goes to the engine. */
export function applyVerdict(request: GuardedRequest, verdict: LoopVerdict): GuardedRequest {
  switch (verdict.action) {
    case 'nudge':
      return { ...request, messages: withNudge(request.messages, nudgeText(verdict)) }
    case 'remove-tool': {
      const tools = request.tools.filter(({ name }) => !verdict.tools.includes(name))
      const messages = withNudge(request.messages, `${nudgeText(verdict)} It is not available now.`)
      return tools.length === 0 ? finalRequest(request) : { messages, tools, toolChoice: 'auto' }
    }
    case 'final-answer':
      return finalRequest(request)
  }
}

function nudgeText({ rule, count, tools }: LoopVerdict): string {
  const names = tools.join(', ')
  switch (rule) {
    case 'same-call':
    case 'same-error':
      return `[This is result ${count} of the same call to ${names}. Another will give the same: do something else, or answer.]`
    case 'cycle':
      return `[The calls to ${names} have gone round ${count} times with the same results. Do something else, or answer.]`
    case 'cosmetic-change':
    case 'same-result':
      return `[${count} calls to ${names} found the same. Do something else, or answer.]`
    case 'same-text':
      return '[You have said the same several times. Do something else, or answer.]'
    case 'invalid-call':
      return `[There is no tool ${names}. Use one of the tools offered, or answer.]`
    case 'turn-cap':
      return `[${count} rounds of tool calls for this task. Come to an end soon, and answer with what you have.]`
  }
}

/** In the last result: a user turn would be taken for a person's word. */
function withNudge(messages: readonly Message[], text: string): Message[] {
  const index = messages.findLastIndex(({ role }) => role === 'tool')
  return messages.map((message, at) =>
    at === index && message.role === 'tool'
      ? { ...message, parts: [...message.parts, { type: 'text', text: `\n\n${text}` } as const] }
      : message,
  )
}

/**
 * No tools, no grammar, no calls in the history: what was said before, the task again, what was found, and the order to
 * answer. Templates choke on calls when there are no tools, and weak models go on calling what they see called.
 */
function finalRequest(request: GuardedRequest): GuardedRequest {
  const index = request.messages.findLastIndex(isFromPerson)
  const task = request.messages[index]
  const said = request.messages.filter(
    (message, at) => message.role === 'system' || (at < index && message.role !== 'tool' && !isCalling(message)),
  )
  const found = uniqueResults(request.messages).slice(-resultsMax).map(shown)
  const order = [
    found.length === 0 ? '' : `What the tools gave:\n\n${found.join('\n\n')}`,
    'No more tools are available. Answer now, in plain text, from what is above; say what is missing.',
  ]
  const text = order.filter((part) => part !== '').join('\n\n')
  const parts =
    task?.role === 'user'
      ? [...task.parts, { type: 'text', text: `\n\n${text}` } as const]
      : [{ type: 'text', text } as const]
  return { messages: [...said, { role: 'user', parts }], tools: [] }
}

function isCalling(message: Message): boolean {
  return message.role === 'assistant' && callsOf(message).length > 0
}

const resultsMax = 40
/** Characters of each. */
const resultLengthMax = 6000

function shown({ tool, argumentsText, text }: UniqueResult, index: number): string {
  const cut = text.length <= resultLengthMax ? text : `${text.slice(0, resultLengthMax)}…`
  return `${index + 1}. ${tool} ${argumentsText.slice(0, 300)}\n${cut}`
}
