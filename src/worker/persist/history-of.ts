import type { Turn } from '../../core/turn.ts'
import { importedRequestId } from '../../core/turn-place.ts'
import type { TurnContent } from '../../store/turn-content.ts'

/**
 * What its client sent along of earlier rounds, for the places that these were given with the turn's own. Where they have
 * none, since the turn belonged to a conversation that is known, nothing becomes of it.
 */
export function historyOf(turn: Turn): readonly TurnContent[] {
  return (turn.history ?? []).map(({ number, userText, replyText }): TurnContent => {
    const output = replyText === '' ? [] : [{ type: 'text', text: replyText }]
    const round: Turn = {
      ...turn,
      requestId: importedRequestId(turn.requestId, number),
      claims: { ...turn.claims, isStep: false },
      outcome: 'complete',
      durationMs: 0,
      finishReason: undefined,
      model: undefined,
      backend: undefined,
      promptTokens: undefined,
      cachedTokens: undefined,
      completionTokens: undefined,
      input: [{ role: 'user', parts: [{ type: 'text', text: userText }] }],
      output,
      toolCalls: [],
      userText,
    }
    return { turn: round, ...(userText !== '' && replyText !== '' && { round: { userText, replyText } }) }
  })
}
