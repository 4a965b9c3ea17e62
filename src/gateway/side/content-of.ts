import { textAt } from '../../core/foreign-json.ts'
import type { Turn } from '../../core/turn.ts'
import { replyDigest } from '../../memory/identity/digests.ts'
import type { TurnContent } from '../../store/turn-content.ts'

/** What is kept of a turn, for its place. A step of an agent is no round: what it says is on its way to a tool. */
export function contentOf(turn: Turn): TurnContent {
  const replyText = turn.output
    .map((part) => (textAt(part, 'type') === 'text' ? (textAt(part, 'text') ?? '') : ''))
    .join('')
  const isRound = turn.toolCalls.length === 0 && turn.userText !== '' && replyText !== ''
  return {
    turn,
    ...(replyText !== '' && { reply: replyDigest(replyText) }),
    ...(isRound && { round: { userText: turn.userText, replyText } }),
  }
}
