import { textOf, type Message, type ToolCallPart, type ToolMessage } from '../../core/chat/message.ts'
import { entriesOf, messagesOf, type HistoryEntry, type ToolRound } from './tool-round.ts'

export interface HistoryRepair {
  readonly kind: 'missing-result' | 'double-result' | 'orphan-result' | 'late-result' | 'repeated-id'
  readonly callId: string
}

export interface RepairedHistory {
  readonly messages: readonly Message[]
  /** What was done, for the request's timeline. */
  readonly repairs: readonly HistoryRepair[]
}

/**
 * A history that every engine takes: each call has one result right behind it, and each result a call. Engines and
 * templates refuse anything else, and the client would send it again for ever. What was said is kept: a result whose call a
 * compaction lost gets one back, results given twice are joined. The same messages come back when nothing is wrong.
 */
export function repairHistory(messages: readonly Message[]): RepairedHistory {
  const repairs: HistoryRepair[] = []
  const entries = entriesOf(messages)
  const strays = straysOf(entries)
  const usedIds = new Set<string>()
  const repaired = entries.flatMap((entry): HistoryEntry[] => {
    if ('round' in entry) return roundsOf(entry.round, strays, usedIds, repairs)
    if (entry.message.role !== 'tool') return [entry]
    return strays.take(entry.message) ? [{ round: roundOfOrphan(entry.message, usedIds, repairs) }] : []
  })
  return repairs.length === 0 ? { messages, repairs } : { messages: messagesOf(repaired), repairs }
}

/** Results that stand where no call is. */
interface Strays {
  /** The next one for this call. */
  readonly claim: (callId: string) => ToolMessage | undefined
  /** False: a call has claimed it. */
  readonly take: (message: ToolMessage) => boolean
}

function straysOf(entries: readonly HistoryEntry[]): Strays {
  const strays = new Set<ToolMessage>()
  for (const entry of entries) if (!('round' in entry) && entry.message.role === 'tool') strays.add(entry.message)
  return {
    claim: (callId) => {
      const stray = strays.values().find((message) => message.callId === callId)
      if (stray !== undefined) strays.delete(stray)
      return stray
    },
    take: (message) => strays.delete(message),
  }
}

function roundsOf(round: ToolRound, strays: Strays, usedIds: Set<string>, repairs: HistoryRepair[]): HistoryEntry[] {
  const resultsById = Map.groupBy(round.results, ({ callId }) => callId)
  const before = repairs.length
  const seen = new Set<string>()
  const pairs = round.calls.map((call) => {
    const results = seen.has(call.id) ? [] : (resultsById.get(call.id) ?? [])
    seen.add(call.id)
    const result = resultOf(call, results, strays, repairs)
    const id = freshId(call.id, usedIds, repairs)
    return id === call.id ? { call, result } : { call: { ...call, id }, result: { ...result, callId: id } }
  })
  const orphans = round.results
    .filter(({ callId }) => !seen.has(callId))
    .map((result): HistoryEntry => ({ round: roundOfOrphan(result, usedIds, repairs) }))
  if (repairs.length === before) return [{ round }]
  const calls = pairs.map(({ call }) => call)
  const parts = round.assistant.parts.map((part) => {
    const index = part.type === 'tool-call' ? round.calls.indexOf(part) : -1
    return calls[index] ?? part
  })
  const results = pairs.map(({ result }) => result)
  return [{ round: { assistant: { ...round.assistant, parts }, calls, results } }, ...orphans]
}

function resultOf(
  call: ToolCallPart,
  results: readonly ToolMessage[],
  strays: Strays,
  repairs: HistoryRepair[],
): ToolMessage {
  const [first, ...others] = results
  if (first !== undefined && others.length === 0) return first
  if (first !== undefined) {
    repairs.push({ kind: 'double-result', callId: call.id })
    const texts = new Set([textOf(first.parts)])
    const more = others.filter(({ parts }) => !texts.has(textOf(parts)) && texts.add(textOf(parts)).size > 0)
    return {
      ...first,
      parts: [...first.parts, ...more.flatMap(({ parts }) => [{ type: 'text', text: '\n' } as const, ...parts])],
    }
  }
  const late = strays.claim(call.id)
  repairs.push({ kind: late === undefined ? 'missing-result' : 'late-result', callId: call.id })
  return (
    late ?? { role: 'tool', callId: call.id, name: call.name, isError: true, parts: [{ type: 'text', text: noResult }] }
  )
}

const noResult = 'The tool gave no result.'

/** Servers that number calls anew in each reply give one id to many; engines that check want each once. */
function freshId(id: string, usedIds: Set<string>, repairs: HistoryRepair[]): string {
  let fresh = id
  for (let count = 2; usedIds.has(fresh); count++) fresh = `${id}_${count}`
  usedIds.add(fresh)
  if (fresh !== id) repairs.push({ kind: 'repeated-id', callId: id })
  return fresh
}

/** Its call was lost, to a compaction for instance. */
function roundOfOrphan(result: ToolMessage, usedIds: Set<string>, repairs: HistoryRepair[]): ToolRound {
  repairs.push({ kind: 'orphan-result', callId: result.callId })
  const id = freshId(result.callId, usedIds, repairs)
  const call: ToolCallPart = {
    type: 'tool-call',
    id,
    name: result.name ?? 'unknown_tool',
    argumentsText: '{}',
  }
  return { assistant: { role: 'assistant', parts: [call] }, calls: [call], results: [{ ...result, callId: id }] }
}
