import type { SystemMessage, TextPart } from '../../core/chat/message.ts'
import { textAt } from '../../core/foreign-json.ts'
import type { Omissions } from '../omissions.ts'
import { blocksOf } from './blocks-of.ts'

/**
 * A line about billing that one client puts before its prompt. It changes from request to request, and at the very front
 * of a prompt that means: no engine could use again what it has read before.
 */
const billingLine = /^x-anthropic-billing-header:[^\n]*\n*/

/** The system prompt, as one message at the front. */
export function readSystem(system: unknown, omissions: Omissions): SystemMessage[] {
  const parts = readSystemTexts(system, omissions)
    .map(({ type, text }) => ({ type, text: text.replace(billingLine, '') }))
    .filter(({ text }) => text !== '')
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

/** System texts, at the front or between messages. */
export function readSystemTexts(content: unknown, omissions: Omissions): TextPart[] {
  return blocksOf(content).flatMap((block): TextPart[] => {
    const text = textAt(block, 'text')
    if (text === undefined) omissions.add(`system ${textAt(block, 'type') ?? 'block'}`)
    return text === undefined || text === '' ? [] : [{ type: 'text', text }]
  })
}
