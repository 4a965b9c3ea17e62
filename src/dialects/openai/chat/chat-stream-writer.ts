import type { FinishReason, ReplyPart, Usage } from '../../../core/chat/reply-part.ts'
import type { LlmrError } from '../../../core/error.ts'
import type { StreamWriter } from '../../chat-dialect.ts'
import { openaiDialect, writeErrorEvent } from '../openai-dialect.ts'
import { finishReasons, type ReplyFacts, writeUsage } from './write-chat-reply.ts'

export interface StreamFacts extends ReplyFacts {
  /** The client wants to know what it cost, in a chunk of its own. */
  readonly includesUsage: boolean
}

/** Says a reply as chunks in OpenAI's shape. */
export class ChatStreamWriter implements StreamWriter {
  readonly #facts: StreamFacts
  #hasBegun = false
  #finish: FinishReason = 'stop'
  #usage: Usage | undefined

  constructor(facts: StreamFacts) {
    this.#facts = facts
  }

  write(part: ReplyPart): string {
    switch (part.type) {
      case 'start':
        return this.#begin()
      case 'text':
        return this.#begin() + this.#delta({ content: part.text })
      case 'reasoning':
        return this.#begin() + this.#delta({ reasoning_content: part.text })
      case 'refusal':
        return this.#begin() + this.#delta({ refusal: part.text })
      case 'call-start': {
        const { call: index, id, name } = part
        const opening = { index, id, type: 'function', function: { name, arguments: '' } }
        return this.#begin() + this.#delta({ tool_calls: [opening] })
      }
      case 'call-arguments':
        return this.#delta({ tool_calls: [{ index: part.call, function: { arguments: part.text } }] })
      case 'finish':
        this.#finish = part.reason
        return ''
      case 'usage':
        this.#usage = { ...this.#usage, ...part.usage }
        return ''
      case 'timings':
        return ''
      case 'error':
        return this.fail(part.error)
    }
  }

  end(): string {
    const usage = this.#facts.includesUsage ? this.#event([], { usage: writeUsage(this.#usage ?? {}) }) : ''
    return `${this.#begin()}${this.#delta({}, finishReasons[this.#finish])}${usage}data: [DONE]\n\n`
  }

  fail(error: LlmrError): string {
    return writeErrorEvent(error)
  }

  keepAlive(isContentDue: boolean): string {
    return isContentDue ? this.#begin() + this.#delta({ content: '' }) : openaiDialect.keepAlive.comment
  }

  #begin(): string {
    if (this.#hasBegun) return ''
    this.#hasBegun = true
    return this.#delta({ role: 'assistant', content: '' })
  }

  #delta(delta: object, finishReason: string | null = null): string {
    return this.#event([{ index: 0, delta, logprobs: null, finish_reason: finishReason }])
  }

  #event(choices: readonly object[], rest: object = {}): string {
    const { id, model, createdAtS } = this.#facts
    const chunk = { id, object: 'chat.completion.chunk', created: createdAtS, model, choices, ...rest }
    return `data: ${JSON.stringify(chunk)}\n\n`
  }
}
