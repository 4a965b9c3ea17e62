import type { AssistantPart } from '../../core/chat/message.ts'
import type { Reply } from '../../core/chat/reply.ts'
import { withoutBlanks } from '../without-blanks.ts'
import { mintSignature } from './thinking-signature.ts'
import { inputOf } from '../tool-input.ts'
import { writeStop } from './stop-reason.ts'
import { estimateTokens, writeUsage } from './write-usage.ts'

export interface MessageFacts {
  readonly requestId: string
  /** The name the client asked for. */
  readonly model: string
  readonly showsThinking: boolean
}

/** A whole reply. */
export function writeMessage(reply: Reply, facts: MessageFacts): string {
  const parts = shownParts(reply.parts, facts)
  const hasCalls = parts.some(({ type }) => type === 'tool-call')
  const { finishReason: reason, stopSequence } = reply
  const { promptTokens = 0, completionTokens = estimateTokens(lengthOf(reply)) } = reply.usage ?? {}
  return JSON.stringify({
    ...messageHead(facts),
    content: parts.map((part, block) => writeBlock(part, mintSignature(facts.requestId, block))),
    ...writeStop({ reason, stopSequence }, hasCalls),
    usage: writeUsage({ ...reply.usage, promptTokens, completionTokens }),
  })
}

/** What is known of a message before its first word. */
export function messageHead({ requestId, model }: MessageFacts): object {
  return { id: `msg_${requestId.replaceAll('-', '')}`, type: 'message', role: 'assistant', model }
}

/**
 * What becomes of a reply's parts as blocks: a refusal is text, thoughts are shown to those who asked, and text that is
 * nothing but white space is no block.
 */
function shownParts(parts: readonly AssistantPart[], { showsThinking }: MessageFacts): AssistantPart[] {
  const shown = parts
    .map((part) => (part.type === 'refusal' ? ({ type: 'text', text: part.text } as const) : part))
    .filter(
      (part) => part.type !== 'reasoning' || (showsThinking && (part.text !== '' || part.signature !== undefined)),
    )
  return withoutBlanks(shown)
}

function writeBlock(part: AssistantPart, minted: string): object {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return { type: 'thinking', thinking: part.text, signature: part.signature ?? minted }
    case 'tool-call':
      return { type: 'tool_use', id: part.id, name: part.name, input: inputOf(part.argumentsText) }
  }
}

function lengthOf({ parts }: Reply): number {
  return parts.reduce((sum, part) => sum + (part.type === 'tool-call' ? part.argumentsText : part.text).length, 0)
}
