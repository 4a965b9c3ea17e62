import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { Message } from '../../../core/chat/message.ts'

/** A request as people read it: what is offered, then who said what, line by line. */
export function requestLines({ tools, toolChoice, messages }: ChatRequest): string[] {
  const offered = tools.length === 0 ? 'no tools' : `tools: ${tools.map(({ name }) => name).join(', ')}`
  const choice = typeof toolChoice === 'object' ? toolChoice.name : toolChoice
  return [choice === undefined ? offered : `${offered} (${choice})`, ...messages.flatMap(messageLines)]
}

/** What tools gave back may hold codes that a terminal obeys. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g

function messageLines(message: Message): string[] {
  const [first = '', ...rest] = message.parts
    .reduce((said, part) => said + (part.type === 'text' || said === '' ? '' : '\n') + partText(part), '')
    .replaceAll(controls, '·')
    .split('\n')
  return [`[${message.role}] ${first}`, ...rest]
}

function partText(part: Message['parts'][number]): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text
    case 'reasoning':
      return `(thinks) ${part.text}`
    case 'tool-call':
      return `→ ${part.name} ${part.argumentsText}`
    default:
      return `(${part.type})`
  }
}
