import type { Message } from '../../core/chat/message.ts'
import { canonicalUserText } from './canonical-user-text.ts'
import { roundsIn, textsOf } from './rounds-in.ts'

/** The words that a request is about, without what clients put around them; empty where there is media alone. */
export function userTextOf(messages: readonly Message[]): string {
  return canonicalUserText(roundsIn(messages).at(-1)?.users.flatMap(textsOf) ?? [])
}
