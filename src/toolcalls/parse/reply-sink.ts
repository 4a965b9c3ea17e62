import { spaceAtEnd, spaceAtStart } from '../values/is-space.ts'
import type { CallDraft, ReplyEvent } from './reply-event.ts'

/**
 * Collects events until they are asked for. White space waits until something of its kind follows: what stands around
 * calls and thoughts belongs to the markers, and is not shown; what stands between two pieces of text is.
 */
export class ReplySink {
  #events: ReplyEvent[] = []
  readonly #text: Strand = { space: '', hasInk: false, dropsLeading: false }
  #reasoning: Strand = { space: '', hasInk: false, dropsLeading: true }
  #calls = 0
  readonly #mintId: () => string

  constructor(mintId: () => string) {
    this.#mintId = mintId
  }

  get hasCalls(): boolean {
    return this.#calls > 0
  }

  /** Whether anything was said that is not white space. */
  get hasText(): boolean {
    return this.#text.hasInk
  }

  get hasReasoning(): boolean {
    return this.#reasoning.hasInk
  }

  text(text: string): void {
    this.#write('text', this.#text, text)
  }

  reasoning(text: string): void {
    this.#write('reasoning', this.#reasoning, text)
  }

  /** A thought begins or ends: its white space at both ends is not shown, nor that with which the text begins after it. */
  boundary(): void {
    this.#reasoning = { space: '', hasInk: this.#reasoning.hasInk, dropsLeading: true }
    if (!this.#text.hasInk) {
      this.#text.space = ''
      this.#text.dropsLeading = true
    }
  }

  calls(drafts: readonly CallDraft[]): void {
    for (const { name, argumentsText, sourceId } of drafts) {
      const call = this.#calls++
      const source = sourceId === undefined ? {} : { sourceId }
      this.#events.push(
        { type: 'call-start', call, id: this.#mintId(), name, ...source },
        { type: 'call-arguments', call, text: argumentsText },
      )
    }
    if (!this.#text.hasInk) this.boundary()
  }

  /** Nothing more comes. A reply that is text alone keeps the white space at its end. */
  end(): void {
    if (!this.hasCalls && !this.#reasoning.hasInk) this.#push('text', this.#text.space)
    this.#text.space = ''
  }

  drain(): ReplyEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  #write(kind: 'text' | 'reasoning', strand: Strand, text: string): void {
    const from = strand.dropsLeading ? spaceAtStart(text) : 0
    const end = spaceAtEnd(text)
    if (end <= from) {
      if (!strand.dropsLeading) strand.space += text
      return
    }
    const space = strand.space
    strand.space = text.slice(end)
    strand.hasInk = true
    strand.dropsLeading = false
    this.#push(kind, space + text.slice(from, end))
  }

  #push(type: 'text' | 'reasoning', text: string): void {
    if (text !== '') this.#events.push({ type, text })
  }
}

interface Strand {
  space: string
  hasInk: boolean
  dropsLeading: boolean
}
