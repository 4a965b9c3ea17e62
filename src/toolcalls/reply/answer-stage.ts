import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import type { ReplyFormat } from '../formats/reply-format.ts'
import { createReplyParser, type ReplyParser } from '../parse/reply-parser.ts'
import type { ReplyIntervention } from './reply-intervention.ts'
import type { ReplyStage, StageEnd } from './reply-stage.ts'

export interface AnswerStageOptions {
  /** As the model writes. */
  readonly format: ReplyFormat
  /** What the client asked. */
  readonly request: ChatRequest
  /** How often it is asked for an answer where it only called. */
  readonly repairsMax: number
  readonly mintId: () => string
  readonly onIntervention: (intervention: ReplyIntervention) => void
}

/**
 * The reply of a model that is offered no tools in this turn, but sees calls in its history and goes on calling: nobody
 * would carry that out. Its text goes on as it comes, its calls are left out; where nothing else was said, it is asked for
 * an answer.
 */
export class AnswerStage implements ReplyStage {
  readonly #options: AnswerStageOptions
  #parser: ReplyParser
  #finish: ReplyPart | undefined
  #hasText = false
  #calls = 0
  #repairs = 0

  constructor(options: AnswerStageOptions) {
    this.#options = options
    this.#parser = this.#newParser()
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    switch (part.type) {
      case 'text':
        return this.#said(this.#parser.push(part.text))
      case 'call-start':
        this.#calls++
        return []
      case 'call-arguments':
        return []
      case 'finish':
        this.#finish = part.reason === 'calls' ? { type: 'finish', reason: 'stop' } : part
        return this.#said(this.#parser.end())
      default:
        return [part]
    }
  }

  end(): StageEnd {
    const { request, repairsMax, onIntervention } = this.#options
    if (this.#calls === 0) return { parts: this.giveUp() }
    onIntervention({ kind: 'calls-left-out', detail: this.#calls === 1 ? '1 call' : `${this.#calls} calls` })
    if (this.#hasText || this.#repairs >= repairsMax) return { parts: this.giveUp() }
    this.#repairs++
    this.#calls = 0
    this.#parser = this.#newParser()
    const order: Message = { role: 'user', parts: [{ type: 'text', text: orderText }] }
    return { parts: [], ask: { ...request, messages: [...request.messages, order] } }
  }

  giveUp(): readonly ReplyPart[] {
    return [this.#finish ?? { type: 'finish', reason: 'stop' }]
  }

  #newParser(): ReplyParser {
    const { format, mintId } = this.#options
    // Engines of chats tell thoughts themselves. To wait for the end of one that nobody began would be to hold all text.
    return createReplyParser({ format, start: 'text', tools: [], mintId })
  }

  #said(parts: readonly ReplyPart[]): readonly ReplyPart[] {
    return parts.filter((part) => {
      if (part.type === 'call-start') this.#calls++
      if (part.type === 'text' && part.text.trim() !== '') this.#hasText = true
      return part.type === 'text' || part.type === 'reasoning'
    })
  }
}

const orderText = 'There are no tools in this turn. Answer in plain text, with what you know.'
