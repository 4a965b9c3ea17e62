import type { ChatRequest, ResponseFormat } from '../../core/chat/chat-request.ts'
import type { Message } from '../../core/chat/message.ts'
import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { fitsFormat, jsonIn } from './fits-format.ts'
import type { ReplyIntervention } from './reply-intervention.ts'
import type { ReplyStage, StageEnd } from './reply-stage.ts'

export interface SchemaStageOptions {
  /** What the client asked, without tools and with its history as plain text. */
  readonly request: ChatRequest
  readonly format: ResponseFormat
  readonly onIntervention: (intervention: ReplyIntervention) => void
}

type Finish = Extract<ReplyPart, { type: 'finish' }>

/**
 * Tools and a schema in one request, one after the other: a mask for the schema makes every call impossible. The model is
 * free first; when it has no need of a tool any more and its answer is not of the shape, it is asked for that shape, and the
 * client gets that answer alone. The shape is looked at in any case: engines that cannot read a schema go without.
 */
export class SchemaStage implements ReplyStage {
  readonly #options: SchemaStageOptions
  /** Of the answer that is not of the shape, until there is something of a better one. */
  #held = ''
  #finish: Finish | undefined
  #text = ''
  #hasCalls = false
  #isLast = false

  constructor(options: SchemaStageOptions) {
    this.#options = options
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    switch (part.type) {
      case 'text':
        this.#text += part.text
        if (!this.#isLast) return []
        this.#held = ''
        return [part]
      case 'call-start':
        this.#hasCalls = true
        return [part]
      case 'finish':
        this.#finish = part
        return []
      default:
        return [part]
    }
  }

  end(): StageEnd {
    const { format, onIntervention } = this.#options
    const json = jsonIn(this.#text)
    const isFit = fitsFormat(json, format)
    if (this.#isLast) {
      if (!isFit) onIntervention({ kind: 'schema-missed', detail: `${this.#text.length} characters` })
      return { parts: this.giveUp() }
    }
    this.#held = isFit ? json : this.#text
    if (isFit || this.#hasCalls || this.#finish?.reason !== 'stop') return { parts: this.giveUp() }
    onIntervention({ kind: 'schema-pass', detail: `${this.#text.length} characters` })
    const ask = this.#question()
    this.#isLast = true
    this.#text = ''
    return { parts: [], ask }
  }

  giveUp(): readonly ReplyPart[] {
    const text: ReplyPart[] = this.#held === '' ? [] : [{ type: 'text', text: this.#held }]
    return [...text, this.#finish ?? { type: 'finish', reason: 'stop' }]
  }

  #question(): ChatRequest {
    const { request, format } = this.#options
    const said: Message[] =
      this.#text.trim() === '' ? [] : [{ role: 'assistant', parts: [{ type: 'text', text: this.#text }] }]
    const order: Message = { role: 'user', parts: [{ type: 'text', text: orderText }] }
    return {
      ...request,
      messages: [...request.messages, ...said, order],
      responseFormat: format,
      isContinuation: false,
    }
  }
}

const orderText = 'Give this answer as JSON of the shape that was asked for, and nothing else.'
