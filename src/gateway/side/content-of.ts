import { textAt } from '../../core/foreign-json.ts'
import type { Turn } from '../../core/turn.ts'
import { replyDigest } from '../../memory/identity/digests.ts'
import type { TurnContent } from '../../store/turn-content.ts'

/** What is kept of a turn, for its place. */
export function contentOf(turn: Turn): TurnContent {
  const replyText = replyTextOf(turn)
  const round = roundOf(turn)
  return {
    turn,
    ...(replyText !== '' && { reply: replyDigest(replyText) }),
    ...(round !== undefined && { round }),
  }
}

/** A step of an agent is no round: what it says is on its way to a tool. */
export function roundOf(turn: Turn): TurnContent['round'] {
  if (turn.toolCalls.length > 0 || turn.userText === '') return undefined
  const replyText = replyTextOf(turn)
  return replyText === '' ? undefined : { userText: turn.userText, replyText }
}

function replyTextOf({ output }: Turn): string {
  return output.map((part) => (textAt(part, 'type') === 'text' ? (textAt(part, 'text') ?? '') : '')).join('')
}
