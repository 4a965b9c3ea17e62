import { textOf, type Message, type ToolCallPart } from '../../core/chat/message.ts'
import { entriesOf, messagesOf, type ToolRound } from './tool-round.ts'

export interface CollapsedHistory {
  readonly messages: readonly Message[]
  /** Rounds that were left out. */
  readonly collapsed: number
}

/**
 * Leaves out rounds that a client sent more than once: some send their next request before the tool has answered, and the
 * same call and result stand ten times in the history. A round is a replay when ids, calls and results all equal those of an
 * earlier one, and only where ids tell calls apart: some servers give every call one id.
 */
export function collapseReplays(messages: readonly Message[]): CollapsedHistory {
  const entries = entriesOf(messages)
  if (!doIdsTell(entries.flatMap((entry) => ('round' in entry ? entry.round.calls : []))))
    return { messages, collapsed: 0 }
  const seen = new Map<string, ToolRound[]>()
  const kept = entries.filter((entry) => {
    if (!('round' in entry) || entry.round.results.length === 0) return true
    const key = entry.round.calls.map(({ id }) => id).join('\n')
    const earlier = seen.get(key) ?? []
    if (earlier.some((round) => isSameRound(round, entry.round))) return false
    seen.set(key, [...earlier, entry.round])
    return true
  })
  const collapsed = entries.length - kept.length
  return collapsed === 0 ? { messages, collapsed } : { messages: messagesOf(kept), collapsed }
}

/** Few ids stand for two different calls: careful servers repeat one now and then, those that number by position all. */
function doIdsTell(calls: readonly ToolCallPart[]): boolean {
  const callById = new Map<string, ToolCallPart>()
  const shared = new Set<string>()
  for (const call of calls) {
    const known = callById.get(call.id) ?? call
    callById.set(call.id, known)
    if (!isSameCall(known, call)) shared.add(call.id)
  }
  return shared.size <= callById.size * sharedShareMax
}

/** In short recorded runs one id of three stands for two calls; a server with one id for all has all of them shared. */
const sharedShareMax = 1 / 3

function isSameRound(left: ToolRound, right: ToolRound): boolean {
  return (
    left.calls.every((call, index) => isSameCall(call, right.calls[index])) &&
    left.results.length === right.results.length &&
    left.results.every(({ callId, parts }, index) => {
      const other = right.results[index]
      return other?.callId === callId && textOf(other.parts) === textOf(parts)
    })
  )
}

function isSameCall(left: ToolCallPart, right: ToolCallPart | undefined): boolean {
  return left.id === right?.id && left.name === right.name && left.argumentsText === right.argumentsText
}
