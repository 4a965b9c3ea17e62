import type { ReplyPart, Usage, FinishReason } from '../../core/chat/reply-part.ts'
import type { LlmrError } from '../../core/error.ts'
import type { WaitProgress } from '../../core/wait-progress.ts'
import type { ReplyEnding, StreamWriter } from '../chat-dialect.ts'
import type { ProgressStyle } from '../dialect.ts'
import { OneCallAtATime } from '../one-call-at-a-time.ts'
import { openaiErrorFields } from '../openai-error.ts'
import { progressFields } from '../progress-fields.ts'
import { progressComment, progressSentence } from '../progress-sentence.ts'
import { NumberedEvents } from './numbered-events.ts'
import { OutputItems } from './output-items.ts'
import { endingOf, isCutShort } from './response-ending.ts'
import type { ResponseFacts } from './response-facts.ts'
import { type ResponseState, writeResponse } from './write-response.ts'

/** Writes a reply as the events of a response: its start, then item after item, then the response as it ended. */
export class ResponseStream implements StreamWriter {
  readonly #facts: ResponseFacts
  readonly #events = new NumberedEvents()
  readonly #items: OutputItems
  readonly #calls = new OneCallAtATime()
  #model: string
  #state: 'fresh' | 'begun' | 'over' = 'fresh'
  /** White space with which a text begins: it waits for a word to follow. */
  #blank = ''
  #finish: FinishReason = 'stop'
  #usage: Usage | undefined

  /** @param model the name asked for; empty when none was */
  constructor(facts: ResponseFacts, model: string) {
    this.#facts = facts
    this.#model = model
    this.#items = new OutputItems(facts, this.#events)
  }

  write(part: ReplyPart): string {
    if (this.#state === 'over') return ''
    if (part.type === 'start') this.#model ||= part.model ?? ''
    return this.#begin() + this.#say(this.#calls.push(part))
  }

  end({ isKept }: ReplyEnding = { isKept: false }): string {
    if (this.#state === 'over') return ''
    const last = this.#begin() + this.#say(this.#calls.end())
    const closed = this.#items.close(isCutShort(this.#finish) ? 'incomplete' : 'completed')
    this.#state = 'over'
    const ending = endingOf(this.#finish)
    const response = this.#response({ ...ending, output: this.#items.written, isKept })
    return last + closed + this.#events.write(`response.${ending.status}`, { response })
  }

  /** Twice: SDKs throw at the one and agents look for the other. */
  fail(error: LlmrError): string {
    if (this.#state === 'over') return ''
    const begun = this.#begin()
    const closed = this.#items.close('incomplete')
    this.#state = 'over'
    const fields = openaiErrorFields(error)
    const response = this.#response({ status: 'failed', error, output: this.#items.written, isKept: false })
    return (
      begun +
      closed +
      this.#events.write('error', { ...fields, type: 'error', error: fields }) +
      this.#events.write('response.failed', { response })
    )
  }

  /** The response again: some clients count events and nothing else. */
  keepAlive(): string {
    if (this.#state === 'over') return ''
    return this.#begin() || this.#events.write('response.in_progress', { response: this.#response() })
  }

  writeProgress(progress: WaitProgress, style: ProgressStyle): string {
    if (this.#state === 'over') return ''
    if (style === 'comment') return progressComment(progress)
    const begun = this.#begin()
    if (style === 'reasoning') return begun + this.#items.notify(`${progressSentence(progress)}\n`)
    const fields = { response: this.#response(), llmr_progress: progressFields(progress) }
    return begun + this.#events.write('response.in_progress', fields)
  }

  #begin(): string {
    if (this.#state !== 'fresh') return ''
    this.#state = 'begun'
    const response = this.#response()
    return (
      this.#events.write('response.created', { response }) + this.#events.write('response.in_progress', { response })
    )
  }

  #response(state: Partial<ResponseState> = {}): object {
    const { status = 'in_progress', output = [], isKept = true, ...rest } = state
    return writeResponse(this.#facts, { status, model: this.#model, output, isKept, usage: this.#usage, ...rest })
  }

  #say(parts: readonly ReplyPart[]): string {
    return parts.map((part) => this.#sayOne(part)).join('')
  }

  #sayOne(part: ReplyPart): string {
    switch (part.type) {
      case 'text':
        return this.#sayText(part.text)
      case 'refusal':
        return part.text === '' ? '' : this.#afterBlank(this.#items.say('refusal', part.text))
      case 'reasoning':
        if (part.text === '' && part.signature === undefined) return ''
        return this.#afterBlank(this.#items.think(part.text, part.signature))
      case 'call-start':
        return this.#afterBlank(this.#items.call(part))
      case 'call-arguments':
        return part.text === '' ? '' : this.#items.addArguments(part.text)
      case 'finish':
        this.#finish = part.reason
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
    const isGoingOn = this.#items.openKind === 'text'
    const said = isGoingOn ? text : this.#blank + text
    this.#blank = !isGoingOn && said.trim() === '' ? said : ''
    return said === '' || said === this.#blank ? '' : this.#items.say('text', said)
  }

  #afterBlank(events: string): string {
    this.#blank = ''
    return events
  }
}
