import { type AssistantMessage, type Message, textOf, type UserMessage } from '../../core/chat/message.ts'
import { canonicalUserText } from './canonical-user-text.ts'

/** A user's words, several messages of them if nothing was said in between, and what was said in reply. */
export interface Round {
  readonly users: UserMessage[]
  /** The last text. */
  reply: string | undefined
  /** Of the last message with calls. */
  callIds: readonly string[]
  hasBegun: boolean
}

/** Leading replies, as a client's greeting is, belong to nothing. */
export function roundsIn(messages: readonly Message[]): readonly Round[] {
  const rounds: Round[] = []
  for (const message of messages) {
    const round = rounds.at(-1)
    if (message.role === 'user') {
      if (!hasContent(message)) continue
      if (round === undefined || round.hasBegun) {
        rounds.push({ users: [message], reply: undefined, callIds: [], hasBegun: false })
      } else round.users.push(message)
    } else if (round !== undefined && message.role !== 'system') {
      round.hasBegun = true
      if (message.role === 'assistant') hearReply(round, message)
    }
  }
  return rounds
}

function hearReply(round: Round, { parts }: AssistantMessage): void {
  const text = textOf(parts)
  if (text.trim() !== '') round.reply = text
  const ids = parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []))
  if (ids.length > 0) round.callIds = ids
}

/** A message of reminders alone is nothing that anybody said. */
function hasContent(message: UserMessage): boolean {
  return canonicalUserText(textsOf(message)) !== '' || mediaOf(message).length > 0
}

export function textsOf({ parts }: UserMessage): readonly string[] {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
}

export function mediaOf({ parts }: UserMessage): readonly string[] {
  return parts.flatMap((part) => {
    if (part.type === 'text') return []
    if (part.type === 'audio') return [part.data]
    const { source } = part
    return source.kind === 'url' ? [source.url] : [source.kind === 'text' ? source.text : source.data]
  })
}
