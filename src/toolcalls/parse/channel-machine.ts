import type { ChannelBody, ChannelRow } from '../formats/reply-format.ts'
import { draftsOfJson } from '../grammars/drafts-of-json.ts'
import { jsonText } from '../grammars/named-json.ts'
import type { MachineParts } from './machine-parts.ts'
import { markersOf } from './marker-set.ts'
import type { CallDraft } from './reply-event.ts'
import type { Reading } from './text-reader.ts'

/** Reads a reply made of messages: each has a header, which says what its body is. Text between messages is text. */
export class ChannelMachine {
  readonly #parts: MachineParts
  readonly #row: ChannelRow

  constructor(parts: MachineParts, row: ChannelRow) {
    this.#parts = parts
    this.#row = row
  }

  *run(): Reading<void> {
    const { reader, sink } = this.#parts
    const { open, headerEnd, bodyEnd, silent = [], headerStart } = this.#row
    const start = yield* reader.accept(headerStart)
    if (start !== undefined) yield* this.#readHeader(start)
    const markers = markersOf([...open, ...headerEnd, ...bodyEnd, ...silent])
    for (;;) {
      const marker = yield* reader.until(markers, (text) => sink.text(text))
      if (marker === undefined) return
      if (open.includes(marker)) yield* this.#readHeader(marker)
      else if (headerEnd.includes(marker)) yield* this.#readBody('', marker)
    }
  }

  *#readHeader(start: string): Reading<void> {
    const { reader, sink } = this.#parts
    const { text, marker } = yield* reader.collectUntil(markersOf(this.#row.headerEnd), headerLengthMax)
    if (marker !== undefined) yield* this.#readBody(start + text, marker)
    else if (!reader.isAtEnd) sink.text(text)
  }

  *#readBody(header: string, headerEnd: string): Reading<void> {
    const { reader, sink, options } = this.#parts
    const body = this.#row.bodyOf(header, headerEnd)
    const { bodyEnd, keptEnds = [] } = this.#row
    const markers = markersOf(bodyEnd)
    const isCall =
      options.calls !== 'keep' && (body.kind === 'arguments' || body.kind === 'call' || body.kind === 'calls')
    let end: string | undefined
    sink.boundary()
    if (isCall) {
      const json = body.kind === 'calls' ? '' : yield* this.#readJson()
      const collected = yield* reader.collectUntil(markers)
      end = collected.marker
      this.#writeCalls(body, json + collected.text)
    } else if (body.kind === 'reasoning' && options.reasoning === 'keep' && this.#row.hidesMarkers !== true) {
      sink.text(header + headerEnd)
      end = yield* reader.until(markers, (text) => sink.text(text))
      if (end !== undefined) sink.text(end)
    } else {
      const isThought = body.kind === 'reasoning' && options.reasoning !== 'keep'
      end = yield* reader.until(markers, (text) => {
        if (isThought) sink.reasoning(text)
        else if (body.kind !== 'nothing') sink.text(text)
      })
      sink.boundary()
      if (end !== undefined && body.kind === 'text' && options.calls === 'keep' && keptEnds.includes(end))
        sink.text(end)
    }
    if (end !== undefined && this.#row.open.includes(end)) reader.giveBack(end)
  }

  /** One value in brackets, in which the markers of messages may stand as text; nothing where it has no end. */
  *#readJson(): Reading<string> {
    const { reader } = this.#parts
    reader.mark()
    const space = yield* reader.skipSpace()
    const isValue = (yield* reader.peek(1)) === '{'
    const { text, isClosed } = isValue ? yield* reader.balanced() : { text: '', isClosed: false }
    const taken = reader.forget()
    if (isClosed) return space + text
    // A text of nothing but such beginnings is not read again for each of them.
    if (!reader.mayReread(taken.length)) return taken
    reader.giveBack(taken)
    return ''
  }

  #writeCalls(body: ChannelBody, text: string): void {
    const { sink, tools, readCalls } = this.#parts
    if (body.kind === 'arguments' && body.isOnlyOffered && !tools.isOffered(body.name)) return
    if (body.kind === 'calls') {
      sink.calls(readCalls(text, body.format))
      return
    }
    const drafts = body.kind === 'arguments' ? draftOfArguments(body.name, text) : draftsOfJson(text.trim())
    if (drafts === undefined) sink.text(text)
    else sink.calls(drafts)
  }
}

const headerLengthMax = 512

function draftOfArguments(name: string, text: string): CallDraft[] | undefined {
  const argumentsText = text.trim() === '' ? '{}' : jsonText(text.trim(), true)
  return argumentsText === undefined ? undefined : [{ name, argumentsText }]
}
