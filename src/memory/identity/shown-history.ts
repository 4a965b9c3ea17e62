import type { Message } from '../../core/chat/message.ts'
import { roundsMax } from '../../core/conversation-claims.ts'
import type { ShownRound } from '../../core/turn.ts'
import { canonicalUserText } from './canonical-user-text.ts'
import { roundsIn, textsOf } from './rounds-in.ts'

/** The earlier rounds that a client sent along, in words: the latest that fit into so many characters, numbered as in its claims. */
export function shownHistory(messages: readonly Message[]): readonly ShownRound[] {
  const rounds = roundsIn(messages).slice(0, -1).slice(-roundsMax)
  const shown: ShownRound[] = []
  let left = charactersMax
  for (const [at, { users, reply = '' }] of [...rounds.entries()].toReversed()) {
    const userText = canonicalUserText(users.flatMap(textsOf))
    left -= userText.length + reply.length
    if (left < 0) break
    shown.unshift({ number: at + 1, userText, replyText: reply })
  }
  return shown
}

/** An event has to fit into what brokers take. */
const charactersMax = 128 * 1024
