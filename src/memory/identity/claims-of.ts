import type { Message, UserMessage } from '../../core/chat/message.ts'
import {
  type ClaimedRound,
  type ConversationClaims,
  type ConversationKey,
  roundsMax,
} from '../../core/conversation-claims.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'
import { canonicalUserText } from './canonical-user-text.ts'
import { mediaOf, roundsIn, textsOf } from './rounds-in.ts'
import { chainNext, chainStart, replyDigest, userDigest } from './digests.ts'

export interface ClaimsInput {
  readonly scope: MemoryScope
  readonly messages: readonly Message[]
  readonly key?: ConversationKey
  readonly previousRequestId?: string
}

/** Undefined for a request in which nobody says anything. */
export function claimsOf({ scope, messages, key, previousRequestId }: ClaimsInput): ConversationClaims | undefined {
  const heard = roundsIn(messages)
  let chain = chainStart(scope)
  const rounds = heard.map(({ users, reply, callIds }): ClaimedRound => {
    const user = digestOf(users)
    chain = chainNext(chain, user)
    const hasCalls = callIds.length > 0
    return { user, chain, ...(reply !== undefined && { reply: replyDigest(reply) }), ...(hasCalls && { hasCalls }) }
  })
  const current = rounds.at(-1)
  if (current === undefined) return undefined
  const earlier = rounds.slice(0, -1)
  return {
    key,
    previousRequestId,
    callIds: (heard.slice(-2).findLast(({ callIds }) => callIds.length > 0)?.callIds ?? []).slice(-callIdsMax),
    rounds: earlier.slice(-roundsMax),
    olderRounds: Math.max(0, earlier.length - roundsMax),
    current: { user: current.user, chain: current.chain },
    isStep: heard.at(-1)?.hasBegun === true,
  }
}

/** More calls at once make a reply no more certain. */
const callIdsMax = 16

function digestOf(users: readonly UserMessage[]): string {
  return userDigest({ text: canonicalUserText(users.flatMap(textsOf)), media: users.flatMap(mediaOf) })
}
