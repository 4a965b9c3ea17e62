import type { ReplyFormat, StartState } from '../formats/reply-format.ts'

/** Where a reply begins: in what state, and with which text that already stands in the prompt. */
export interface ReplyStart {
  readonly state: StartState
  /** The part of the prompt that belongs to the reply: an opening marker, a reply to be continued. */
  readonly prefix: string
}

/**
 * Reads from the end of the prompt, which templates often leave inside an open thought. From the last opening marker on
 * it belongs to the reply; without one the reply begins as text.
 *
 * @param generationPrompt what the template adds for the model to go on from.
 */
export function startStateOf(format: ReplyFormat, generationPrompt: string): ReplyStart {
  for (const open of [...(format.reasoning?.open ?? []), ...(format.promptMarkers ?? [])]) {
    const index = generationPrompt.lastIndexOf(open)
    if (index !== -1) return { state: 'text', prefix: generationPrompt.slice(index) }
  }
  return { state: 'text', prefix: '' }
}

/** Whether the reply begins within a thought. */
export function isThinking({ reasoning }: ReplyFormat, { state, prefix }: ReplyStart): boolean {
  if (reasoning === undefined) return false
  return (
    state === 'reasoning' ||
    (reasoning.open.some((open) => prefix.includes(open)) && !reasoning.close.some((close) => prefix.includes(close)))
  )
}
