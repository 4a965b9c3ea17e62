import type { RefusalPart, TextPart } from '../../core/chat/message.ts'
import type { NumberedEvents } from './numbered-events.ts'
import type { ItemPlace, OpenItem } from './open-item.ts'
import { contentPart, type ItemStatus, messageItem } from './write-item.ts'

type Kind = (TextPart | RefusalPart)['type']

/** What the model says to the client: text and refusals, each in a row a part of it. */
export class OpenMessage implements OpenItem {
  readonly #events: NumberedEvents
  readonly #place: ItemPlace
  readonly #parts: { type: Kind; text: string }[] = []
  #status: ItemStatus = 'in_progress'

  constructor(events: NumberedEvents, place: ItemPlace) {
    this.#events = events
    this.#place = place
  }

  /** Of the part that is being said. */
  get kind(): Kind | undefined {
    return this.#parts.at(-1)?.type
  }

  get written(): object {
    return messageItem({ id: this.#place.id, status: this.#status }, this.#parts)
  }

  open(): string {
    return this.#events.write('response.output_item.added', {
      output_index: this.#place.outputIndex,
      item: this.written,
    })
  }

  say(kind: Kind, text: string): string {
    const before = this.kind === kind ? '' : this.#closePart() + this.#openPart(kind)
    const part = this.#parts.at(-1)
    if (part !== undefined) part.text += text
    const { id, outputIndex } = this.#place
    const where = `"item_id":"${id}","output_index":${outputIndex},"content_index":${this.#parts.length - 1}`
    return kind === 'text'
      ? before + this.#events.writeDelta('response.output_text.delta', `${where},"logprobs":[]`, text)
      : before + this.#events.writeDelta('response.refusal.delta', where, text)
  }

  close(status: 'completed' | 'incomplete'): string {
    const closed = this.#closePart()
    this.#status = status
    const item = { output_index: this.#place.outputIndex, item: this.written }
    return closed + this.#events.write('response.output_item.done', item)
  }

  #openPart(kind: Kind): string {
    const part = { type: kind, text: '' }
    this.#parts.push(part)
    return this.#events.write('response.content_part.added', { ...this.#where(), part: contentPart(part) })
  }

  #closePart(): string {
    const part = this.#parts.at(-1)
    if (part === undefined) return ''
    const done =
      part.type === 'text'
        ? this.#events.write('response.output_text.done', { ...this.#where(), text: part.text, logprobs: [] })
        : this.#events.write('response.refusal.done', { ...this.#where(), refusal: part.text })
    return done + this.#events.write('response.content_part.done', { ...this.#where(), part: contentPart(part) })
  }

  #where(): object {
    const { id, outputIndex } = this.#place
    return { item_id: id, output_index: outputIndex, content_index: this.#parts.length - 1 }
  }
}
