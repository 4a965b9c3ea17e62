import type { AssistantPart } from '../core/chat/message.ts'

/**
 * Neighbours of one kind as one part, and no text that is nothing but white space: engines leave some between thoughts and
 * calls, and clients could not send it back. Calls stay apart.
 */
export function withoutBlanks(parts: readonly AssistantPart[]): AssistantPart[] {
  return merged(merged(parts).filter((part) => part.type !== 'text' || part.text.trim() !== ''))
}

function merged(parts: readonly AssistantPart[]): AssistantPart[] {
  const blocks: AssistantPart[] = []
  for (const part of parts) {
    const before = blocks.at(-1)
    if (part.type !== 'tool-call' && before?.type === part.type) {
      blocks[blocks.length - 1] = { ...before, ...part, text: before.text + part.text }
    } else blocks.push(part)
  }
  return blocks
}
