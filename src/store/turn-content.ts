import type { ReplyDigest } from '../core/conversation-claims.ts'
import type { Turn } from '../core/turn.ts'

/** What was said in a request and in its reply, for the place that the request has already. */
export interface TurnContent {
  readonly turn: Turn
  readonly reply?: ReplyDigest
  /** The user's words and the reply to them, where both are there and nothing is left to be done. */
  readonly round?: { readonly userText: string; readonly replyText: string }
}
