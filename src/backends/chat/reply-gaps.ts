import type { FinishReason, ReplyPart } from '../../core/chat/reply-part.ts'

/**
 * What an engine left out of a reply that came to its end, so that every reply has a start, a finish reason that fits
 * what was said, and a usage. Told each part as it passes.
 */
export class ReplyGaps {
  readonly #promptTokens: number | undefined
  #hasStarted = false
  #hasCalls = false
  #hasFailed = false
  #hasUsage = false
  #finish: FinishReason | undefined
  #textLength = 0

  /** @param promptTokens an estimate, for engines that count nothing */
  constructor(promptTokens?: number) {
    this.#promptTokens = promptTokens
  }

  see(part: ReplyPart): void {
    switch (part.type) {
      case 'start':
        this.#hasStarted = true
        break
      case 'call-start':
        this.#hasCalls = true
        this.#textLength += part.name.length
        break
      case 'finish':
        this.#finish = part.reason
        break
      case 'usage':
        this.#hasUsage = true
        break
      case 'error':
        this.#hasFailed = true
        break
      case 'timings':
        break
      default:
        this.#textLength += part.text.length
    }
  }

  /** Nothing of a reply that failed: it must not look whole. */
  missing(): ReplyPart[] {
    if (this.#hasFailed) return []
    return [
      ...(this.#hasStarted ? [] : [{ type: 'start' } as const]),
      ...(this.#isFinishRight() ? [] : [{ type: 'finish', reason: this.#hasCalls ? 'calls' : 'stop' } as const]),
      ...(this.#hasUsage ? [] : [this.#estimate()]),
    ]
  }

  /** A client that is told of calls waits for them, and one that is told of a stop does not carry them out. */
  #isFinishRight(): boolean {
    return this.#finish === 'calls' || this.#finish === 'stop'
      ? this.#hasCalls === (this.#finish === 'calls')
      : this.#finish !== undefined
  }

  #estimate(): ReplyPart {
    const completionTokens = Math.ceil(this.#textLength / charactersPerToken)
    const promptTokens = this.#promptTokens
    return { type: 'usage', usage: { ...(promptTokens !== undefined && { promptTokens }), completionTokens } }
  }
}

/** Of English prose, by the tokenizers of current models. */
const charactersPerToken = 4
