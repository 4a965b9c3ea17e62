import type { SpokenRound } from '../../core/conversation-path.ts'

/**
 * One round of a conversation, question and answer, as the text that its vector is made of. A long one keeps the beginning
 * of both: what it is about stands there, and models take only so much.
 */
export function documentInput({ userText, replyText }: SpokenRound, { prefix, charactersMax }: InputOptions): string {
  const half = Math.floor(charactersMax / 2)
  const user = userText.trim()
  const reply = replyText.trim()
  // What one of them does not need, the other may have.
  const userMax = Math.max(half, charactersMax - reply.length)
  const shownUser = beginningOf(user, userMax)
  const shownReply = beginningOf(reply, charactersMax - shownUser.length)
  return prefix + [shownUser, shownReply].filter((text) => text !== '').join('\n\n')
}

/** What is searched for; of a long message the end, where people ask. */
export function queryInput(question: string, { prefix, charactersMax }: InputOptions): string {
  const text = question.trim()
  return prefix + text.slice(Math.max(0, text.length - charactersMax)).toWellFormed()
}

export interface InputOptions {
  /** What the model is told before a text; one that was trained with such words finds less without. */
  readonly prefix: string
  readonly charactersMax: number
}

function beginningOf(text: string, charactersMax: number): string {
  return text.slice(0, charactersMax).toWellFormed()
}
