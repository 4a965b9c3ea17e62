import { textOf, type Message } from '../../core/chat/message.ts'
import { stepsSincePerson } from './tool-step.ts'

export interface UniqueResult {
  readonly tool: string
  readonly argumentsText: string
  readonly text: string
}

/** What the tools gave since a person last spoke, each text once, in order. */
export function uniqueResults(messages: readonly Message[]): UniqueResult[] {
  const seen = new Set<string>()
  return stepsSincePerson(messages).flatMap(({ round }) =>
    round.results.flatMap((result) => {
      const text = textOf(result.parts)
      const call = round.calls.find(({ id }) => id === result.callId) ?? round.calls[0]
      if (call === undefined || text.trim() === '' || seen.has(text)) return []
      seen.add(text)
      return [{ tool: call.name, argumentsText: call.argumentsText, text }]
    }),
  )
}
