import { createHash } from 'node:crypto'

import type { AssistantPart, Message, UserPart, ResultPart } from '../core/chat/message.ts'
import type { ConversationClaims } from '../core/conversation-claims.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { TurnPlace } from '../core/turn-place.ts'
import type { Reply } from '../core/chat/reply.ts'
import type { RequestRecord } from '../core/request-record.ts'
import type { ShownRound, TurnBeginning, TurnEnd, TurnOutcome } from '../core/turn.ts'

export interface TurnFacts {
  readonly record: RequestRecord
  readonly scope: MemoryScope
  readonly place?: TurnPlace
  readonly claims: ConversationClaims
  readonly userText: string
  readonly history?: readonly ShownRound[]
  readonly messages: readonly Message[]
}

/** What is kept of a request, as far as it is known once its place is. */
export function turnBeginningOf({
  record,
  scope,
  place,
  claims,
  userText,
  history,
  messages,
}: TurnFacts): TurnBeginning {
  return {
    requestId: record.requestId,
    correlationId: record.correlationId,
    ...scope,
    place,
    claims: place === undefined ? claims : withoutHistory(claims),
    userText,
    history,
    kind: record.kind ?? 'other',
    requestedModel: record.requestedModel,
    startedAtMs: record.startedAtMs,
    input: newMessages(messages).map(withoutMedia),
  }
}

/**
 * What is kept of a request besides, when it has ended.
 *
 * @param reply as far as it came; absent when nothing came, or it could not be read
 */
export function turnEndOf(record: RequestRecord, reply: Reply | undefined): TurnEnd {
  const output = reply?.parts ?? []
  return {
    model: record.model,
    backend: record.backend,
    durationMs: Math.round(record.durationMs),
    outcome: outcomeOf(record),
    finishReason: reply?.finishReason,
    promptTokens: record.promptTokens,
    cachedTokens: record.cachedTokens,
    completionTokens: record.completionTokens,
    output,
    toolCalls: output.flatMap(toolCallOf),
  }
}

/** Where it stands already, nobody has to find out any more; its own words are enough to put it somewhere in need. */
function withoutHistory(claims: ConversationClaims): ConversationClaims {
  return { ...claims, callIds: [], rounds: [], olderRounds: claims.olderRounds + claims.rounds.length }
}

function outcomeOf({ isClientGone, errorCode, status }: RequestRecord): TurnOutcome {
  if (isClientGone) return 'stopped'
  return errorCode !== undefined || status >= 400 ? 'failed' : 'complete'
}

/** Clients send the whole conversation each time; what came before the last reply was kept with earlier turns. */
function newMessages(messages: readonly Message[]): readonly Message[] {
  const last = messages.findLastIndex(({ role }) => role === 'assistant')
  return messages.slice(last + 1).filter(({ role }) => role !== 'system')
}

/** Bytes of images, sound and files are known by their digest alone. */
function withoutMedia(message: Message): unknown {
  if (message.role !== 'user' && message.role !== 'tool') return message
  return { ...message, parts: message.parts.map(partWithoutMedia) }
}

function partWithoutMedia(part: UserPart | ResultPart): unknown {
  if (part.type === 'audio') return { ...part, data: undefined, left_out: leftOut(part.data) }
  if (part.type === 'text') return part
  const { source } = part
  if (source.kind === 'text') return part
  if (source.kind === 'base64')
    return { ...part, source: { ...source, data: undefined, left_out: leftOut(source.data) } }
  // An address may hold the bytes itself.
  const isData = source.url.startsWith('data:')
  return isData ? { ...part, source: { ...source, url: undefined, left_out: leftOut(source.url) } } : part
}

function leftOut(base64: string) {
  return { length: base64.length, sha256: createHash('sha256').update(base64).digest('hex') }
}

function toolCallOf(part: AssistantPart) {
  if (part.type !== 'tool-call') return []
  const { id, name, argumentsText } = part
  return [{ id, name, argumentsText }]
}
