import type { NumberedEvents } from './numbered-events.ts'
import type { ItemPlace, OpenItem } from './open-item.ts'
import type { ReasoningStyle } from './response-facts.ts'
import { type ItemStatus, reasoningItem } from './write-item.ts'

/** What the model thinks, as a summary or raw. */
export class OpenReasoning implements OpenItem {
  readonly #events: NumberedEvents
  readonly #place: ItemPlace
  readonly #style: ReasoningStyle
  readonly #words: typeof summaryWords | typeof rawWords
  #text = ''
  #signature: string | undefined
  #status: ItemStatus = 'in_progress'

  constructor(events: NumberedEvents, place: ItemPlace, style: ReasoningStyle) {
    this.#events = events
    this.#place = place
    this.#style = style
    this.#words = style.isSummary ? summaryWords : rawWords
  }

  get written(): object {
    const part = { type: 'reasoning', text: this.#text, signature: this.#signature } as const
    return reasoningItem({ id: this.#place.id, status: this.#status }, part, this.#style)
  }

  open(): string {
    const item = { output_index: this.#place.outputIndex, item: this.written }
    return this.#events.write('response.output_item.added', item) + this.#partEvent('added', '')
  }

  think(text: string, signature?: string): string {
    this.#text += text
    this.#signature = signature ?? this.#signature
    if (text === '') return ''
    const { id, outputIndex } = this.#place
    const where = `"item_id":"${id}","output_index":${outputIndex},"${this.#words.index}":0`
    return this.#events.writeDelta(`${this.#words.text}.delta`, where, text)
  }

  close(status: 'completed' | 'incomplete'): string {
    this.#status = status
    const text = this.#text
    const done = this.#events.write(`${this.#words.text}.done`, { ...this.#where(), text })
    const partDone = this.#partEvent('done', text)
    const item = { output_index: this.#place.outputIndex, item: this.written }
    return done + partDone + this.#events.write('response.output_item.done', item)
  }

  #partEvent(step: 'added' | 'done', text: string): string {
    const { part, type } = this.#words
    return this.#events.write(`${part}.${step}`, { ...this.#where(), part: { type, text } })
  }

  #where(): object {
    return { item_id: this.#place.id, output_index: this.#place.outputIndex, [this.#words.index]: 0 }
  }
}

const summaryWords = {
  part: 'response.reasoning_summary_part',
  text: 'response.reasoning_summary_text',
  index: 'summary_index',
  type: 'summary_text',
} as const

const rawWords = {
  part: 'response.content_part',
  text: 'response.reasoning_text',
  index: 'content_index',
  type: 'reasoning_text',
} as const
