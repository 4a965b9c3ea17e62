import { listAt } from '../core/foreign-json.ts'
import type { Forgotten, FoundText, ShownConversation } from '../core/memory-record.ts'

/** The gateway's answers about what is kept; they are our own, so only their outlines are checked. */

export function readConversations(reply: unknown): readonly ShownConversation[] {
  return listAt(reply, 'conversations') as readonly ShownConversation[]
}

export function readFound(reply: unknown): readonly FoundText[] {
  return listAt(reply, 'found') as readonly FoundText[]
}

export function readForgotten(reply: unknown): Forgotten {
  const count = (name: keyof Forgotten): number => {
    const value: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, name) : undefined
    return typeof value === 'number' ? value : 0
  }
  return {
    conversations: count('conversations'),
    rounds: count('rounds'),
    responses: count('responses'),
    files: count('files'),
    events: count('events'),
  }
}
