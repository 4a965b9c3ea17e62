import type { FinishReason, ReplyPart, Timings, Usage } from '../../core/chat/reply-part.ts'
import type { LlmrError } from '../../core/error.ts'
import type { WaitProgress } from '../../core/wait-progress.ts'
import type { StreamWriter } from '../chat-dialect.ts'
import type { ProgressStyle } from '../dialect.ts'
import { progressFields } from '../progress-fields.ts'
import { progressSentence } from '../progress-sentence.ts'
import { errorBody } from './write-error.ts'
import { type ReplyFacts, type Said, type WrittenCall, writeLast, writeLine } from './write-reply.ts'

/**
 * Writes a reply as lines of JSON: words and thoughts as they come, the calls whole in one line when nothing more can come
 * of them, and a last line that says how it ended. A stream without that line is a failure to every client.
 */
export class ReplyStream implements StreamWriter {
  #facts: ReplyFacts
  readonly #calls = new Map<number, WrittenCall>()
  #isOver = false
  #firstSignMs: number | undefined
  #reason: FinishReason = 'stop'
  #usage: Usage | undefined
  #timings: Timings | undefined

  constructor(facts: ReplyFacts) {
    this.#facts = facts
  }

  write(part: ReplyPart): string {
    if (this.#isOver) return ''
    switch (part.type) {
      case 'start':
        // A client that named none hears who it is that speaks.
        this.#facts = { ...this.#facts, model: this.#facts.model || (part.model ?? '') }
        return ''
      case 'text':
      case 'refusal':
        return part.text === '' ? '' : this.#line({ text: part.text })
      case 'reasoning':
        this.#sign()
        return this.#facts.showsThinking && part.text !== '' ? this.#line({ thinking: part.text }) : ''
      case 'call-start': {
        this.#sign()
        const { call, id, name } = part
        this.#calls.set(call, { type: 'tool-call', id, name, argumentsText: '' })
        return ''
      }
      case 'call-arguments': {
        const call = this.#calls.get(part.call)
        if (call !== undefined) this.#calls.set(part.call, { ...call, argumentsText: call.argumentsText + part.text })
        return ''
      }
      case 'finish':
        this.#reason = part.reason
        return ''
      case 'usage':
        this.#usage = { ...this.#usage, ...part.usage }
        return ''
      case 'timings':
        this.#timings = part.timings
        return ''
      case 'error':
        return this.fail(part.error)
    }
  }

  end(): string {
    if (this.#isOver) return ''
    // `/api/generate` offers no tools and has no place for a call.
    const calls = this.#facts.shape === 'chat' ? [...this.#calls.values()] : []
    const last = calls.length === 0 ? '' : this.#line({ calls })
    this.#isOver = true
    const ending = {
      reason: this.#reason,
      usage: this.#usage,
      timings: this.#timings,
      firstSignMs: this.#firstSignMs,
    }
    return `${last}${JSON.stringify(writeLast({}, ending, this.#facts))}\n`
  }

  fail(error: LlmrError): string {
    if (this.#isOver) return ''
    this.#isOver = true
    return `${JSON.stringify(errorBody(error))}\n`
  }

  /** A line that says nothing: there are no comments here, and it counts as content with whoever looks for some. */
  keepAlive(): string {
    return this.#isOver ? '' : `${JSON.stringify(writeLine({}, this.#facts))}\n`
  }

  writeProgress(progress: WaitProgress, style: ProgressStyle): string {
    if (this.#isOver) return ''
    if (style === 'comment') return this.keepAlive()
    const isSeen = style === 'reasoning' && this.#facts.showsThinking
    const line = writeLine(isSeen ? { thinking: `${progressSentence(progress)}\n` } : {}, this.#facts)
    return `${JSON.stringify(style === 'status' ? { ...line, llmr_progress: progressFields(progress) } : line)}\n`
  }

  #line(said: Said): string {
    this.#sign()
    return `${JSON.stringify(writeLine(said, this.#facts))}\n`
  }

  #sign(): void {
    this.#firstSignMs ??= this.#facts.elapsedMs()
  }
}
