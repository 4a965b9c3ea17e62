import { textOf, type Message } from '../../core/chat/message.ts'
import type { ReplyFormat } from '../formats/reply-format.ts'
import { type ReplyStart, startStateOf } from '../parse/start-state.ts'

export interface PromptEnd {
  readonly prompt: string
  /** The conversation that it was made of. */
  readonly messages: readonly Message[]
  /** With which prompts of this template end, as seen in a small one. */
  readonly generationPrompt: string | undefined
}

/** Where a reply to this prompt begins: templates often leave the model inside an open thought. */
export function replyStartOf(format: ReplyFormat, { prompt, messages, generationPrompt }: PromptEnd): ReplyStart {
  const behind = textBehind(prompt, messages.at(-1))
  if (behind !== undefined) return startStateOf(format, behind)
  const isUsual = generationPrompt !== undefined && prompt.endsWith(generationPrompt)
  return startStateOf(format, isUsual ? generationPrompt : '')
}

/** What the prompt has behind the last message: a marker that somebody only wrote about opens nothing. */
function textBehind(prompt: string, last: Message | undefined): string | undefined {
  const said = textOf(last?.parts ?? []).trim()
  if (said === '') return undefined
  const end = said.slice(-lookedForMax)
  const at = prompt.lastIndexOf(end)
  return at === -1 ? undefined : prompt.slice(at + end.length)
}

const lookedForMax = 200
