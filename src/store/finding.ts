import { type RawBuilder, sql } from 'kysely'

import type { ConversationClaims } from '../core/conversation-claims.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import { storable, storableOrNull } from './storable-text.ts'

/** One row, lists as JSON. */
export interface FoundRow {
  readonly keyed: {
    readonly id: string
    readonly sendsHistory: boolean | null
    readonly newestReply: string | null
  } | null
  /** Each turn that was found, and its ancestors. */
  readonly path: readonly FoundPathRow[] | null
  /** Of the turns that were found. */
  readonly replies: readonly FoundReplyRow[] | null
}

export interface FoundPathRow {
  /** The turn that was found. */
  readonly seed: string
  /** How many parents up from it. */
  readonly step: number
  readonly id: string
  readonly conversation: string
  readonly isKeyed: boolean
  readonly depth: number
  readonly user: string
  readonly chain: string
  readonly parentReply: string | null
  /** Of the reply by which it is an ancestor. */
  readonly digest: string | null
  readonly prefixDigest: string | null
  readonly isLaterStep: boolean
}

export interface FoundReplyRow {
  readonly turn: string
  readonly id: string
  readonly requestId: string | null
  readonly isUncertain: boolean
  readonly digest: string | null
  readonly prefixDigest: string | null
  readonly length: number | null
  readonly isLaterStep: boolean
  readonly calls: number
}

/**
 * Everything in a scope that a request with these claims may go on from: one statement, whose cost is bounded whatever is
 * stored. What it does is said in `migrations/`, as a function of the database.
 */
export function finding(scope: MemoryScope, claims: ConversationClaims): RawBuilder<FoundRow> {
  const { key, previousRequestId, callIds, rounds, current, isStep } = claims
  const last = rounds.at(-1)
  return sql<FoundRow>`
    select keyed, path, replies from llmr.find_turns(
      ${storable(scope.tenant)}, ${storable(scope.principal)},
      ${key?.source ?? null}, ${storableOrNull(key?.key)}, ${ownIdOf(key)}::uuid, ${storableOrNull(previousRequestId)},
      ${callIds.map(storable)}::text[], ${rounds.length}::integer,
      ${bytes(last?.user)}, ${bytes(last?.chain)}, ${bytes(last?.reply?.digest)}, ${bytes(last?.reply?.prefixDigest)},
      ${bytes(isStep ? current.chain : undefined)}
    )`
}

/** Clients learn llmr's own ids of their conversations, and may name them by those. */
function ownIdOf(key: ConversationClaims['key']): string | null {
  return key?.source === 'llmr' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key.key) ? key.key : null
}

function bytes(hex: string | undefined): RawBuilder<unknown> {
  return sql`decode(${hex ?? null}::text, 'hex')`
}
