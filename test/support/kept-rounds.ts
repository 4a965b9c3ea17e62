import { hash } from 'node:crypto'

import type { TurnPlace } from '../../src/core/turn-place.ts'
import type { Store } from '../../src/store/open-store.ts'
import { contentOf } from '../../src/gateway/side/content-of.ts'
import { claimsWith, turnWith } from './turn-events.ts'

/** A round that is kept, and where. */
export interface KeptRound extends TurnPlace {
  readonly requestId: string
  readonly depth: number
}

export interface RoundToKeep {
  readonly requestId: string
  readonly userText: string
  readonly replyText: string
  readonly principal?: string
  /** From now on; a day unless said otherwise. */
  readonly keepMs?: number
  /** The round that it follows; absent: it begins a conversation. */
  readonly under?: KeptRound
}

/** Keeps a round as persist does, below another one. */
export async function keepRound(
  { conversations, turns }: Pick<Store, 'conversations' | 'turns'>,
  { requestId, userText, replyText, principal = 'ada', keepMs = 86_400_000, under }: RoundToKeep,
): Promise<KeptRound> {
  const user = hash('sha256', `${requestId} ${userText}`)
  const words = { user, chain: user }
  const turn = turnWith({
    requestId,
    principal,
    userText,
    claims: claimsWith({ current: words }),
    output: [{ type: 'text', text: replyText }],
    toolCalls: [],
  })
  const depth = (under?.depth ?? 0) + 1
  const place = await conversations.put(
    { ...turn, scope: { tenant: turn.tenant, principal }, keepMs },
    {
      conversation: under === undefined ? { type: 'new' } : { type: 'existing', id: under.conversation },
      turn: { type: 'child', parentReply: under?.reply, depth, words },
      showsHistory: false,
    },
  )
  if (place === undefined) throw new Error(`no place for ${requestId}`)
  const contents = [turn].map(contentOf)
  await turns.fill(contents)
  return { ...place, requestId, depth }
}

/** Rounds one below the other; resolves to them, the root first. */
export async function keepPath(
  store: Pick<Store, 'conversations' | 'turns'>,
  rounds: readonly Omit<RoundToKeep, 'under'>[],
  root?: KeptRound,
): Promise<readonly KeptRound[]> {
  const kept: KeptRound[] = []
  for (const round of rounds) kept.push(await keepRound(store, { ...round, under: kept.at(-1) ?? root }))
  return kept
}
