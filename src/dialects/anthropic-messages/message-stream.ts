import type { ReplyPart, Usage } from '../../core/chat/reply-part.ts'
import type { LlmrError } from '../../core/error.ts'
import type { WaitProgress } from '../../core/wait-progress.ts'
import type { StreamWriter } from '../chat-dialect.ts'
import type { ProgressStyle } from '../dialect.ts'
import { progressFields } from '../progress-fields.ts'
import { progressComment, progressSentence } from '../progress-sentence.ts'
import { ContentBlocks } from './content-blocks.ts'
import { OneCallAtATime } from '../one-call-at-a-time.ts'
import { type Ending, writeStop } from './stop-reason.ts'
import { streamErrorFields } from './write-error.ts'
import { writeEvent } from './write-event.ts'
import { type MessageFacts, messageHead } from './write-message.ts'
import { estimateTokens, writeUsage } from './write-usage.ts'

export interface StreamFacts extends MessageFacts {
  /** An estimate: the engine counts when it has read the prompt, and clients want a number before that. */
  readonly promptTokens: number
}

/**
 * Writes a reply as the events of a message: its start, then block after block, each with a start, deltas and a stop, then
 * how it ended. A block is closed when something comes that belongs into another.
 */
export class MessageStream implements StreamWriter {
  readonly #facts: StreamFacts
  readonly #blocks: ContentBlocks
  readonly #calls = new OneCallAtATime()
  #state: 'fresh' | 'begun' | 'over' = 'fresh'
  /** White space with which a text begins: it waits for a word to follow. */
  #blank = ''
  #hasCalls = false
  #saidLength = 0
  #ending: Ending = { reason: 'stop' }
  #usage: Usage = {}

  constructor(facts: StreamFacts) {
    this.#facts = facts
    this.#blocks = new ContentBlocks(facts.requestId)
  }

  write(part: ReplyPart): string {
    if (this.#state === 'over') return ''
    const servedBy = part.type === 'start' ? part.model : undefined
    return this.#begin(servedBy) + this.#say(this.#calls.push(part))
  }

  end(): string {
    if (this.#state === 'over') return ''
    const last = this.#begin() + this.#say(this.#calls.end()) + this.#blocks.close()
    this.#state = 'over'
    const { completionTokens = estimateTokens(this.#saidLength) } = this.#usage
    const usage = writeUsage({ ...this.#usage, completionTokens })
    return (
      last +
      writeEvent('message_delta', { delta: writeStop(this.#ending, this.#hasCalls), usage }) +
      writeEvent('message_stop', {})
    )
  }

  fail(error: LlmrError): string {
    if (this.#state === 'over') return ''
    this.#state = 'over'
    return writeEvent('error', streamErrorFields(error, this.#facts.requestId))
  }

  /**
   * A ping, which keeps connections; some clients give up all the same unless they see content. An empty delta counts
   * as such, in the block that will probably be needed anyway.
   */
  keepAlive(isContentDue: boolean): string {
    if (this.#state === 'over') return ''
    if (!isContentDue) return this.#begin() || ping
    const begun = this.#begin()
    const entered =
      this.#blocks.openType === undefined ? this.#blocks.enter(this.#facts.showsThinking ? 'thinking' : 'text') : ''
    return begun + entered + this.#blocks.delta('')
  }

  /**
   * Shown as a thought to those who see thoughts. Of the other styles programs see nothing but pings and empty deltas:
   * many take an event that they do not know for a fault.
   */
  writeProgress(progress: WaitProgress, style: ProgressStyle): string {
    if (this.#state === 'over') return ''
    if (style === 'comment') return progressComment(progress)
    const begun = this.#begin()
    if (style === 'status') {
      return begun + writeEvent('ping', { llmr_progress: progressFields(progress) }) + this.keepAlive(true)
    }
    if (!this.#facts.showsThinking) return begun + progressComment(progress) + this.keepAlive(true)
    return begun + this.#blocks.enterNotice() + this.#blocks.delta(`${progressSentence(progress)}\n`)
  }

  /** @param servedBy the engine's name for the model, for a client that asked for none */
  #begin(servedBy = ''): string {
    if (this.#state !== 'fresh') return ''
    this.#state = 'begun'
    const head = messageHead({ ...this.#facts, model: this.#facts.model || servedBy })
    const usage = writeUsage({ promptTokens: this.#facts.promptTokens, completionTokens: 0 })
    return (
      writeEvent('message_start', {
        message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage },
      }) + ping
    )
  }

  #say(parts: readonly ReplyPart[]): string {
    return parts.map((part) => this.#sayOne(part)).join('')
  }

  #sayOne(part: ReplyPart): string {
    if ('text' in part) this.#saidLength += part.text.length
    switch (part.type) {
      case 'text':
      case 'refusal':
        return this.#sayText(part.text)
      case 'reasoning':
        return this.#facts.showsThinking ? this.#think(part) : ''
      case 'call-start':
        this.#hasCalls = true
        this.#blank = ''
        return this.#blocks.enterCall(part)
      case 'call-arguments':
        return part.text === '' ? '' : this.#blocks.delta(part.text)
      case 'finish':
        this.#ending = part
        return ''
      case 'usage':
        this.#usage = { ...this.#usage, ...part.usage }
        return ''
      case 'error':
        return this.fail(part.error)
      case 'start':
      case 'timings':
        return ''
    }
  }

  #sayText(text: string): string {
    const isGoingOn = this.#blocks.openType === 'text' && this.#blocks.hasDelta
    const said = isGoingOn ? text : this.#blank + text
    this.#blank = !isGoingOn && said.trim() === '' ? said : ''
    return said === this.#blank ? '' : this.#blocks.enter('text') + this.#blocks.delta(said)
  }

  #think({ text, signature }: { readonly text: string; readonly signature?: string }): string {
    if (text === '' && signature === undefined) return ''
    this.#blank = ''
    const entered = this.#blocks.enter('thinking')
    if (signature !== undefined) this.#blocks.sign(signature)
    return text === '' ? entered : entered + this.#blocks.delta(text)
  }
}

const ping = writeEvent('ping', {})
