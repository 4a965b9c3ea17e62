import { listAt, textAt } from '../../../core/foreign-json.ts'
import type { Message } from '../../../core/chat/message.ts'
import type { Context } from '../../../memory/recall/compose-context.ts'
import type { Intake } from '../intake.ts'

/**
 * A chat with what it is given back, as one message of the system behind those that the client begins with: what the
 * engine has read of these stays read. Every message of the client's stays its own value.
 */
export function injectContext(intake: Intake, { text, tokens }: Pick<Context, 'text' | 'tokens'>): Intake {
  const approximateTokens = intake.approximateTokens + tokens
  const { chat, request } = intake
  if (chat !== undefined) {
    const { messages } = chat.request
    const block: Message = { role: 'system', parts: [{ type: 'text', text }] }
    const place = leading(messages, ({ role }) => role === 'system')
    const edited = messages.toSpliced(place, 0, block)
    return { ...intake, approximateTokens, chat: { ...chat, request: { ...chat.request, messages: edited } } }
  }
  if (request.json === undefined) return intake
  const messages = listAt(request.json, 'messages')
  const place = leading(messages, (message) => isSystem(textAt(message, 'role')))
  const json = { ...request.json, messages: messages.toSpliced(place, 0, { role: 'system', content: text }) }
  return { ...intake, approximateTokens, request: { ...request, json }, body: Buffer.from(JSON.stringify(json)) }
}

function leading<Item>(items: readonly Item[], isLeading: (item: Item) => boolean): number {
  const end = items.findIndex((item) => !isLeading(item))
  return end === -1 ? items.length : end
}

function isSystem(role: string | undefined): boolean {
  return role === 'system' || role === 'developer'
}
