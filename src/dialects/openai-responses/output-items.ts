import type { NumberedEvents } from './numbered-events.ts'
import { type ItemPrefix, noticeId, outputItemId } from './item-ids.ts'
import { OpenCall } from './open-call.ts'
import type { ItemPlace, OpenItem } from './open-item.ts'
import { OpenMessage } from './open-message.ts'
import { OpenReasoning } from './open-reasoning.ts'
import type { ResponseFacts } from './response-facts.ts'

/** The output of one streamed response: one item open at a time, each closed when something else comes. */
export class OutputItems {
  readonly #facts: ResponseFacts
  readonly #events: NumberedEvents
  readonly #written: object[] = []
  #open: OpenItem | undefined
  /** A thought that is llmr's own word is no item of the reply, and must not shift the names of those that are. */
  #notice: OpenReasoning | undefined
  #notices = 0

  constructor(facts: ResponseFacts, events: NumberedEvents) {
    this.#facts = facts
    this.#events = events
  }

  /** Those that are whole. */
  get written(): readonly object[] {
    return this.#written
  }

  /** Of the message that is being said, its part. */
  get openKind(): 'text' | 'refusal' | undefined {
    return this.#open instanceof OpenMessage ? this.#open.kind : undefined
  }

  say(kind: 'text' | 'refusal', text: string): string {
    if (this.#open instanceof OpenMessage) return this.#open.say(kind, text)
    const { events, item } = this.#enter((place) => new OpenMessage(this.#events, place), 'msg')
    return events + item.say(kind, text)
  }

  think(text: string, signature?: string): string {
    const { reasoning } = this.#facts
    const open = this.#open
    if (open instanceof OpenReasoning && open !== this.#notice) return open.think(text, signature)
    const { events, item } = this.#enter((place) => new OpenReasoning(this.#events, place, reasoning), 'rs')
    return events + item.think(text, signature)
  }

  /** Something that llmr itself says before the reply, where thoughts are shown. */
  notify(text: string): string {
    if (this.#notice !== undefined && this.#open === this.#notice) return this.#notice.think(text)
    const closed = this.close('completed')
    const place = { id: noticeId(this.#facts.requestId, this.#notices++), outputIndex: this.#written.length }
    const item = new OpenReasoning(this.#events, place, { isSummary: true, isSealed: false })
    this.#open = item
    this.#notice = item
    return closed + item.open() + item.think(text)
  }

  call({ id: callId, name }: { readonly id: string; readonly name: string }): string {
    const tool = this.#facts.names.original(name)
    const prefix = tool.kind === 'custom' ? 'ctc' : 'fc'
    return this.#enter((place) => new OpenCall(this.#events, place, { callId, tool }), prefix).events
  }

  addArguments(text: string): string {
    return this.#open instanceof OpenCall ? this.#open.addArguments(text) : ''
  }

  close(status: 'completed' | 'incomplete'): string {
    if (this.#open === undefined) return ''
    const closed = this.#open.close(status)
    this.#written.push(this.#open.written)
    this.#open = undefined
    return closed
  }

  #enter<Item extends OpenItem>(make: (place: ItemPlace) => Item, prefix: ItemPrefix): { events: string; item: Item } {
    const closed = this.close('completed')
    const outputIndex = this.#written.length
    const item = make({ id: outputItemId(prefix, this.#facts.requestId, outputIndex - this.#notices), outputIndex })
    this.#open = item
    return { events: closed + item.open(), item }
  }
}
