import type { Tool } from '../../core/chat/chat-request.ts'
import type { FinishReason, ReplyPart } from '../../core/chat/reply-part.ts'
import { checkCall } from '../arguments/check-call.ts'
import { createReplyParser, type ReplyParser } from '../parse/reply-parser.ts'
import type { ReplyStart } from '../parse/start-state.ts'
import type { CallStyle } from './call-style.ts'

export interface CallReaderOptions {
  readonly style: Pick<CallStyle, 'format'>
  /** Where the reply begins, when its prompt is known. */
  readonly start?: ReplyStart
  /** That the model was offered. */
  readonly tools: readonly Tool[]
  /** False: only the first call counts. */
  readonly mayCallInParallel: boolean
  readonly mintId: () => string
  /** Told at the end: how many calls there were, and in how many something was put right. */
  readonly onCalls: (count: number, repaired: number) => void
}

interface ReadCall {
  readonly id: string
  readonly name: string
  readonly argumentsText: string
}

/** A call that the client is told of. */
export interface ToldCall extends ReadCall {
  /** What was put right about it: `name`, `syntax`, or the path of an argument. */
  readonly repairs?: readonly string[]
  /** What is wrong with it still, in words a model can act on. */
  readonly problems: readonly string[]
}

/**
 * Reads the calls out of a reply that is plain text. Thoughts go on at once; what else is said is held until the reply
 * ends, and then it is either calls or text: clients take text for an answer, and the run for finished. What the model said
 * beside its calls counts as thought, so that nothing is lost. Owned by one reply.
 */
export class CallReader {
  readonly #options: CallReaderOptions
  readonly #parser: ReplyParser
  readonly #calls: ReadCall[] = []
  #text = ''
  #told: readonly ToldCall[] = []
  #isOver = false
  #hasEngineCalls = false

  constructor(options: CallReaderOptions) {
    this.#options = options
    const { style, start, tools, mintId } = options
    this.#parser = createReplyParser({ format: style.format, start, tools, mintId })
  }

  read(part: ReplyPart): readonly ReplyPart[] {
    switch (part.type) {
      case 'text':
        return this.#take(this.#parser.push(part.text))
      case 'call-start':
        // The engine has a parser of its own after all.
        this.#hasEngineCalls = true
        this.#calls.push({ id: part.id, name: part.name, argumentsText: '' })
        return []
      case 'call-arguments':
        this.#append(part.text)
        return []
      case 'finish':
        return this.#finish(part.reason, part.stopSequence)
      default:
        return [part]
    }
  }

  /** The reply is over, and what was held is said. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** The calls of a reply that is over. */
  get told(): readonly ToldCall[] {
    return this.#told
  }

  /** The engine itself told of calls. */
  get hasEngineCalls(): boolean {
    return this.#hasEngineCalls
  }

  /** The reply came to an end without saying so. */
  end(): readonly ReplyPart[] {
    return this.#isOver ? [] : this.#finish('stop')
  }

  #take(parts: readonly ReplyPart[]): ReplyPart[] {
    return parts.filter((part) => {
      if (part.type === 'text') this.#text += part.text
      else if (part.type === 'call-start') this.#calls.push({ id: part.id, name: part.name, argumentsText: '' })
      else if (part.type === 'call-arguments') this.#append(part.text)
      return part.type === 'reasoning'
    })
  }

  #append(text: string): void {
    const last = this.#calls.at(-1)
    if (last === undefined) return
    this.#calls[this.#calls.length - 1] = { ...last, argumentsText: last.argumentsText + text }
  }

  #finish(reason: FinishReason, stopSequence?: string): ReplyPart[] {
    this.#isOver = true
    const thoughts = this.#take(this.#parser.end())
    const text = this.#text.trim()
    if (this.#calls.length === 0) {
      const said: ReplyPart[] = text === '' ? [] : [{ type: 'text', text: this.#text }]
      return [...thoughts, ...said, { type: 'finish', reason: reason === 'calls' ? 'stop' : reason, stopSequence }]
    }
    const calls = this.#options.mayCallInParallel ? this.#calls : this.#calls.slice(0, 1)
    const beside: ReplyPart[] = text === '' ? [] : [{ type: 'reasoning', text }]
    return [...thoughts, ...beside, ...this.#said(calls), { type: 'finish', reason: 'calls' }]
  }

  #said(calls: readonly ReadCall[]): ReplyPart[] {
    const checked = calls.map((call) => ({ id: call.id, ...checkCall(call, this.#options.tools) }))
    this.#told = checked
    this.#options.onCalls(checked.length, checked.filter(({ repairs }) => repairs.length > 0).length)
    return checked.flatMap(({ id, name, argumentsText }, call): ReplyPart[] => [
      { type: 'call-start', call, id, name },
      { type: 'call-arguments', call, text: argumentsText },
    ])
  }
}
