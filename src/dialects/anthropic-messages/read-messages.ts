import type { AssistantPart, Message, ResultPart, ToolMessage } from '../../core/chat/message.ts'
import { LlmrError } from '../../core/error.ts'
import { at, flagAt, textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { blocksOf } from './blocks-of.ts'
import { readBlock } from './read-block.ts'
import { readSystemTexts } from './read-system.ts'
import { isMintedSignature, isNoticeSignature } from './thinking-signature.ts'
import { argumentsOf } from '../tool-input.ts'

/** @throws LlmrError `invalid_request` */
export function readMessages(list: unknown, omissions: Omissions): Message[] {
  if (Array.isArray(list) && list.length > 0) return list.flatMap((message) => readMessage(message, omissions))
  throw new LlmrError('invalid_request', 'Expected "messages" to be a list with at least one message.', {
    param: 'messages',
    isRetryable: false,
  })
}

function readMessage(message: unknown, omissions: Omissions): Message[] {
  const content = at(message, 'content')
  const role = textAt(message, 'role')
  switch (role) {
    case 'user':
      return readUser(content, omissions)
    case 'assistant':
      return [{ role, parts: blocksOf(content).flatMap((block) => readSaid(block, omissions)) }]
    case 'system':
      return [{ role, parts: readSystemTexts(content, omissions) }]
    default:
      omissions.add(`message of role ${role ?? 'unknown'}`)
      return []
  }
}

/** Results first: engines look for them right behind the calls. What else the user says follows as a message of its own. */
function readUser(content: unknown, omissions: Omissions): Message[] {
  const results: ToolMessage[] = []
  const parts: ResultPart[] = []
  for (const block of blocksOf(content)) {
    if (textAt(block, 'type') === 'tool_result') results.push(readResult(block, omissions))
    else parts.push(...readBlock(block, omissions))
  }
  return parts.length === 0 && results.length > 0 ? results : [...results, { role: 'user', parts }]
}

function readResult(block: unknown, omissions: Omissions): ToolMessage {
  return {
    role: 'tool',
    callId: textAt(block, 'tool_use_id') ?? '',
    parts: blocksOf(at(block, 'content')).flatMap((inner) => readBlock(inner, omissions)),
    ...(flagAt(block, 'is_error') === true && { isError: true }),
  }
}

/** What the model said and did before. What a provider ran itself has no meaning to another's model. */
function readSaid(block: unknown, omissions: Omissions): AssistantPart[] {
  const type = textAt(block, 'type')
  switch (type) {
    case 'text':
      return part('text', textAt(block, 'text'))
    case 'thinking':
      return readThinking(block)
    case 'tool_use':
      return [
        {
          type: 'tool-call',
          id: textAt(block, 'id') ?? '',
          name: textAt(block, 'name') ?? '',
          argumentsText: argumentsOf(at(block, 'input')),
        },
      ]
    default:
      omissions.add(`block ${type ?? 'without a type'}`)
      return []
  }
}

/** A signature of our own making proves nothing to anybody; a block with nothing else was only a sign of life. */
function readThinking(block: unknown): AssistantPart[] {
  const signature = textAt(block, 'signature') ?? ''
  if (isNoticeSignature(signature)) return []
  const [thought] = part('reasoning', textAt(block, 'thinking'))
  if (signature === '' || isMintedSignature(signature)) return thought === undefined ? [] : [thought]
  return [{ type: 'reasoning', text: thought?.text ?? '', signature }]
}

function part<Type extends 'text' | 'reasoning'>(type: Type, text = ''): { type: Type; text: string }[] {
  return text === '' ? [] : [{ type, text }]
}
