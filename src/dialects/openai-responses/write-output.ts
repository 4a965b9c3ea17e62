import type { AssistantPart, RefusalPart, TextPart } from '../../core/chat/message.ts'
import type { Reply } from '../../core/chat/reply.ts'
import { withoutBlanks } from '../without-blanks.ts'
import { type ItemPrefix, outputItemId } from './item-ids.ts'
import type { ResponseFacts } from './response-facts.ts'
import { isCutShort } from './response-ending.ts'
import { callItem, messageItem, reasoningItem } from './write-item.ts'

/** The output of a whole reply: a message, a thought or a call each is an item. */
export function writeOutput({ parts, finishReason }: Reply, facts: ResponseFacts): object[] {
  const groups = grouped(withoutBlanks(parts.filter(saysSomething)))
  return groups.map((group, number) => {
    const isCut = isCutShort(finishReason) && number === groups.length - 1
    return writeGroup(group, { facts, number, status: isCut ? 'incomplete' : 'completed' })
  })
}

/** Text and refusals in a row are one message. */
type Group = Exclude<AssistantPart, TextPart | RefusalPart> | readonly (TextPart | RefusalPart)[]

function grouped(parts: readonly AssistantPart[]): Group[] {
  const groups: Group[] = []
  for (const part of parts) {
    const before = groups.at(-1)
    if (part.type !== 'text' && part.type !== 'refusal') groups.push(part)
    else if (isMessage(before)) groups[groups.length - 1] = [...before, part]
    else groups.push([part])
  }
  return groups
}

function isMessage(group: Group | undefined): group is readonly (TextPart | RefusalPart)[] {
  return Array.isArray(group)
}

function saysSomething(part: AssistantPart): boolean {
  return part.type === 'tool-call' || part.text !== '' || (part.type === 'reasoning' && part.signature !== undefined)
}

interface Place {
  readonly facts: ResponseFacts
  readonly number: number
  readonly status: 'completed' | 'incomplete'
}

function writeGroup(group: Group, { facts, number, status }: Place): object {
  const head = (prefix: ItemPrefix) => ({ id: outputItemId(prefix, facts.requestId, number), status })
  if (isMessage(group)) return messageItem(head('msg'), group)
  if (group.type === 'reasoning') return reasoningItem(head('rs'), group, facts.reasoning)
  const tool = facts.names.original(group.name)
  return callItem(head(tool.kind === 'custom' ? 'ctc' : 'fc'), group, tool)
}
