import { hash } from 'node:crypto'

import type { MemoryScope } from '../../../src/core/memory-scope.ts'
import type { PlacedConversation, TurnPlace } from '../../../src/core/turn-place.ts'
import type { Store } from '../../../src/store/open-store.ts'
import type { TurnContent } from '../../../src/store/turn-content.ts'
import { turnWith } from '../../support/turn-events.ts'

export const ada: MemoryScope = { tenant: 'default', principal: 'ada' }

export interface Said {
  readonly scope?: MemoryScope
  /** The round that this one goes on from; a conversation of its own without one. */
  readonly after?: TurnPlace & { readonly depth: number }
  /** A further step of the same turn. */
  readonly isStep?: boolean
  /** What its client calls the conversation. */
  readonly name?: string
  readonly user: string
  /** Absent: it is not known what was replied. */
  readonly reply?: string
  readonly atMs?: number
}

let requests = 0

/** One round in the store, as a gateway and its worker put it there. */
export async function say(
  store: Store,
  { scope = ada, after, isStep = false, name, user, reply, atMs = Date.now() }: Said,
) {
  requests += 1
  const requestId = `request-${process.pid}-${requests}`
  const words = { user: hash('sha256', user), chain: hash('sha256', `${after?.turn}/${user}`) }
  const depth = isStep ? (after?.depth ?? 1) : (after?.depth ?? 0) + 1
  const place = await store.conversations.put(
    { scope, requestId, correlationId: `label-${requests}`, kind: 'user', startedAtMs: atMs, keepMs: 86_400_000 },
    {
      conversation: conversationOf(after, name),
      turn:
        isStep && after !== undefined
          ? { type: 'step', id: after.turn, continues: after.reply }
          : { type: 'child', parentReply: after?.reply, depth, words },
      showsHistory: false,
    },
  )
  if (place === undefined) throw new Error('no place')
  if (reply !== undefined) {
    const turn = turnWith({
      ...scope,
      requestId,
      correlationId: `label-${requests}`,
      toolCalls: [],
      userText: user,
      startedAtMs: atMs,
    })
    await fill(store, { turn, round: { userText: user, replyText: reply } })
  }
  return { ...place, depth, requestId, correlationId: `label-${requests}` }
}

function conversationOf(after: TurnPlace | undefined, name: string | undefined): PlacedConversation {
  if (after !== undefined) return { type: 'existing', id: after.conversation }
  return name === undefined ? { type: 'new' } : { type: 'keyed', key: { source: 'conversation', key: name } }
}

async function fill({ turns }: Store, ...contents: readonly TurnContent[]): Promise<void> {
  await turns.fill(contents)
}
