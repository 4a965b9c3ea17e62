import type { Message, SystemMessage, TextPart, UserMessage, UserPart } from '../../core/chat/message.ts'

/**
 * Messages as chat templates take them: one system message at the front, and never two messages of a user in a row.
 * System texts at the front become one. A later one stays where it is, as a user's text: moved to the front it would
 * change the beginning of the prompt, and with it everything the engine has already read.
 */
export function foldMessages(messages: readonly Message[]): readonly Message[] {
  const firstOther = messages.findIndex(({ role }) => role !== 'system')
  const leading = messages.slice(0, firstOther === -1 ? messages.length : firstOther)
  const rest = messages.slice(leading.length).map((message) => (message.role === 'system' ? asUser(message) : message))
  return [...asOne(leading), ...withoutNeighbours(rest)]
}

function asOne(systems: readonly Message[]): Message[] {
  const texts = systems.flatMap((message) => (message.role === 'system' ? message.parts : []))
  return texts.length === 0 ? [] : [{ role: 'system', parts: [joined(texts)] }]
}

function joined(parts: readonly TextPart[]): TextPart {
  return { type: 'text', text: parts.map(({ text }) => text).join('\n\n') }
}

/** Marked, so that the model does not take it for what the user says. */
function asUser({ parts }: SystemMessage): UserMessage {
  return { role: 'user', parts: [{ type: 'text', text: `<system>\n${joined(parts).text}\n</system>` }] }
}

/** Clients leave two in a row after a turn that was aborted, and some templates refuse that. */
function withoutNeighbours(messages: readonly Message[]): Message[] {
  const folded: Message[] = []
  for (const message of messages) {
    const before = folded.at(-1)
    if (message.role === 'user' && before?.role === 'user' && before.name === message.name) {
      folded[folded.length - 1] = { ...before, parts: withGap(before.parts, message.parts) }
    } else folded.push(message)
  }
  return folded
}

function withGap(before: readonly UserPart[], after: readonly UserPart[]): readonly UserPart[] {
  const [last, first] = [before.at(-1), after[0]]
  if (last?.type !== 'text' || first?.type !== 'text') return [...before, ...after]
  const text = last.text === '' || first.text === '' ? last.text + first.text : `${last.text}\n\n${first.text}`
  return [...before.slice(0, -1), { type: 'text', text }, ...after.slice(1)]
}
