import type { ReplyDigest } from '../../core/conversation-claims.ts'
import type { FoundReply } from '../../core/found-turns.ts'

/**
 * How well a reply fits what the client shows of it. 3: the same; 2: the same beginning, as of a stream that was stopped;
 * 1: nothing speaks against it; 0: it is another one.
 */
export type Match = 0 | 1 | 2 | 3

/** @param shown undefined where the client shows no text of it, but the calls alone */
export function matchReply(shown: ReplyDigest | undefined, { digest, prefixDigest, isUncertain }: FoundReply): Match {
  if (shown === undefined) return 1
  if (digest === shown.digest) return 3
  if (prefixDigest === shown.prefixDigest) return 2
  return isUncertain ? 1 : 0
}
