import type { ClaimedMessage, ClaimedRound, ConversationClaims, ReplyDigest } from '../core/conversation-claims.ts'
import { EventFields } from './event-fields.ts'

/** What a request showed of its conversation, as an event carries it. */
export function writeClaims({
  key,
  previousRequestId,
  callIds,
  rounds,
  olderRounds,
  current,
  isStep,
}: ConversationClaims) {
  return {
    key,
    previous_request_id: previousRequestId,
    call_ids: callIds,
    rounds: rounds.map(writeRound),
    older_rounds: olderRounds,
    current,
    is_step: isStep,
  }
}

function writeRound({ user, chain, reply, hasCalls }: ClaimedRound) {
  return { user, chain, reply: reply && writeReplyDigest(reply), has_calls: hasCalls }
}

function writeReplyDigest({ digest, prefixDigest, length }: ReplyDigest) {
  return { digest, prefix_digest: prefixDigest, length }
}

/** @throws EventUnreadable */
export function readClaims(fields: EventFields): ConversationClaims {
  const key = fields.maybeInner('key')
  return {
    key: key && { source: key.text('source'), key: key.text('key') },
    previousRequestId: fields.maybeText('previous_request_id'),
    callIds: fields.texts('call_ids'),
    rounds: fields.list('rounds').map(readRound),
    olderRounds: fields.count('older_rounds'),
    current: readMessage(fields.inner('current')),
    isStep: fields.flag('is_step'),
  }
}

function readMessage(fields: EventFields): ClaimedMessage {
  return { user: fields.digest('user'), chain: fields.digest('chain') }
}

function readRound(value: unknown): ClaimedRound {
  const fields = new EventFields(value)
  const reply = fields.maybeInner('reply')
  const hasCalls = fields.maybeFlag('has_calls')
  return {
    ...readMessage(fields),
    ...(reply !== undefined && { reply: readReplyDigest(reply) }),
    ...(hasCalls !== undefined && { hasCalls }),
  }
}

function readReplyDigest(fields: EventFields): ReplyDigest {
  return {
    digest: fields.digest('digest'),
    prefixDigest: fields.digest('prefix_digest'),
    length: fields.count('length'),
  }
}
