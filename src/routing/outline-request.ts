import type { ChatOutline } from '../core/chat/chat-outline.ts'
import type { ChatRequest } from '../core/chat/chat-request.ts'
import { type Message, textOf } from '../core/chat/message.ts'
import { imagesIn } from '../core/chat/replace-images.ts'

/** What routing needs of a chat that is known in neutral words. */
export function outlineRequest({ messages, tools, isStream, maxTokens, completion }: ChatRequest): ChatOutline {
  const systemTexts = messages.flatMap((message) => (message.role === 'system' ? [textOf(message.parts)] : []))
  const lastUser = messages.findLast(({ role }) => role === 'user')
  return {
    roles: messages.map(({ role }) => role),
    systemText: systemTexts.join('\n'),
    lastUserText: lastUser === undefined ? '' : textOf(lastUser.parts),
    toolNames: tools.map(({ name }) => name),
    hasToolResults: messages.some(({ role }) => role === 'tool'),
    hasImages: messages.some(({ parts }) => parts.some(({ type }) => type === 'image')),
    hasNewImages: imagesIn(messages).some(({ isNew }) => isNew),
    isStream,
    maxTokens,
    textLength:
      messages.reduce((sum, message) => sum + lengthOf(message), 0) +
      (completion === undefined ? 0 : completion.prompt.length + (completion.suffix?.length ?? 0)) +
      (tools.length === 0 ? 0 : JSON.stringify(tools).length),
  }
}

function lengthOf({ parts }: Message): number {
  return parts.reduce((sum, part) => {
    if (part.type === 'tool-call') return sum + part.argumentsText.length
    if (part.type === 'file') return sum + (part.source.kind === 'text' ? part.source.text.length : 0)
    return sum + ('text' in part ? part.text.length : 0)
  }, 0)
}
