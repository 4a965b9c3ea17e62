import type { CallRow, ReasoningRow } from '../formats/reply-format.ts'
import { isNoBareCall } from '../grammars/bare-call.ts'
import { readCall } from '../grammars/read-call.ts'
import type { MachineParts } from './machine-parts.ts'
import { markersOfFormat, type FormatMarkers } from './format-markers.ts'
import type { CallDraft } from './reply-event.ts'
import type { Reading } from './text-reader.ts'

/**
 * Reads a reply in which thoughts and calls stand between markers. States: text, a thought, a section of calls, and the
 * attempt at a call, which either yields calls or is given back and read as what it stands in.
 */
export class ReplyMachine {
  readonly #parts: MachineParts
  readonly #markers: FormatMarkers
  readonly #reasoning: ReasoningRow | undefined
  #section: { readonly close: string; hasCalls: boolean } | undefined
  /** Text of a section that is not known to be one yet; short. */
  #pending = ''

  constructor(parts: MachineParts) {
    const { format, calls, isJsonReply } = parts.options
    this.#parts = parts
    this.#reasoning = format.reasoning
    this.#markers = markersOfFormat(format, calls === 'keep', isJsonReply === true)
  }

  *run(): Reading<void> {
    const { state } = this.#parts.start
    if (this.#reasoning !== undefined && state === 'reasoning') yield* this.#readReasoning(this.#reasoning, '')
    if (this.#reasoning !== undefined && state === 'unknown') yield* this.#readUndecided(this.#reasoning)
    yield* this.#readText()
  }

  /** Text until a marker says what it was. */
  *#readUndecided(row: ReasoningRow): Reading<void> {
    const { reader, sink } = this.#parts
    const { text, marker } = yield* reader.collectUntil(this.#markers.undecided, undecidedMax)
    if (marker !== undefined && row.close.includes(marker)) {
      this.#writeReasoning(text, marker)
      sink.boundary()
      return
    }
    sink.text(text)
    reader.giveBack(marker ?? '')
  }

  *#readText(): Reading<void> {
    const { reader } = this.#parts
    const row = this.#reasoning
    for (;;) {
      const marker = yield* reader.until(this.#markers.text, (text) => this.#writeText(text))
      if (marker === undefined) return this.#finish()
      if (row?.open.includes(marker) === true && !(row.isOnlyFirst === true && this.#parts.sink.hasText)) {
        yield* this.#readReasoning(row, marker)
      } else if (this.#isSectionEnd(marker)) this.#closeSection(marker)
      else if (this.#markers.silent.has(marker)) continue
      else if (marker.startsWith('`') && this.#parts.options.isJsonReply === true) yield* this.#readFence(marker)
      else if (this.#markers.sections.has(marker)) yield* this.#enter(marker)
      else if ((yield* this.#readCalls(marker, 'text')) === 'nothing') yield* this.#writeMarker(marker)
    }
  }

  *#readReasoning(row: ReasoningRow, opening: string): Reading<void> {
    const { reader, sink, options } = this.#parts
    const isKept = options.reasoning === 'keep'
    if (!isKept) sink.boundary()
    yield* this.#skipRepeatedOpening(row)
    let unsaid = isKept ? opening : ''
    for (;;) {
      const marker = yield* reader.until(this.#markers.reasoning, (text, isTail) => {
        // Half a closing marker at the end of a cut reply is nothing to show.
        if (isTail && text.length > 1 && !isKept) return
        this.#writeReasoning(unsaid + text, '')
        unsaid = ''
      })
      if (marker === undefined) return
      if (row.close.includes(marker)) {
        if (isKept) sink.text(unsaid + marker)
        else sink.boundary()
        return
      }
      if (row.closeBefore?.includes(marker) === true || options.calls === 'keep') return reader.giveBack(marker)
      this.#writeReasoning(unsaid, '')
      unsaid = ''
      const found = yield* this.#readCallsOfThought(marker)
      if (found === 'calls') return
      if (found === 'nothing') this.#writeReasoning(marker, '')
    }
  }

  /** Prompts end in an opening marker, and models write it once more. */
  *#skipRepeatedOpening(row: ReasoningRow): Reading<void> {
    const { reader, options } = this.#parts
    if (options.reasoning === 'keep') return
    while ((yield* reader.acceptAfterSpace(row.open)) !== undefined);
    if (row.label !== undefined) yield* reader.acceptAfterSpace([row.label])
  }

  /** A marker that is only quoted in a thought ends nothing: the call must be whole, and of a tool that was offered. */
  *#readCallsOfThought(marker: string): Reading<Found> {
    const { reader } = this.#parts
    const section = this.#markers.sections.get(marker)
    const found = this.#markers.rows.has(marker) ? yield* this.#readCalls(marker, 'reasoning') : 'nothing'
    if (section === undefined || found !== 'nothing') return found
    const inner = yield* reader.acceptAfterSpace(this.#markers.callOpenings)
    if (inner === undefined) return 'nothing'
    const within = yield* this.#readCalls(inner, 'reasoning')
    if (within === 'nothing') reader.giveBack(inner)
    if (within === 'calls') this.#section = { close: section, hasCalls: true }
    return within
  }

  /** Tries each row that has this marker. `nothing`: the reader stands behind the marker as before. */
  *#readCalls(marker: string, where: 'text' | 'reasoning'): Reading<Found> {
    const { reader, tools, sink } = this.#parts
    for (const row of this.#markers.rows.get(marker) ?? []) {
      if ('at' in row && row.at === 'start' && (sink.hasText || sink.hasCalls)) continue
      // Without a marker of its own the call begins with what was found.
      const isBare = 'at' in row
      if (isBare && isNoBareCall(row, marker, reader.following)) continue
      if (isBare) reader.giveBack(marker)
      reader.mark()
      const drafts = yield* readCall(reader, row, marker, tools)
      const taken = reader.forget()
      if (drafts !== undefined && this.#isBelieved(row, where, drafts)) {
        this.#acceptCalls(drafts)
        return 'calls'
      }
      // An attempt that took nothing costs nothing; to write nothing for it would be to try it for ever.
      const hasMoved = !isBare || taken !== ''
      if (hasMoved && !reader.mayReread(taken.length)) {
        // Too much has been read twice: this text stays what it stands in.
        const text = isBare ? taken : marker + taken
        if (where === 'text') this.#writeText(text)
        else this.#writeReasoning(text, '')
        return 'written'
      }
      reader.giveBack(taken)
      if (isBare) yield* reader.accept([marker])
    }
    return 'nothing'
  }

  #isBelieved(row: CallRow, where: 'text' | 'reasoning', drafts: readonly CallDraft[]): boolean {
    const { tools } = this.#parts
    if (this.#markers.guesses.has(row)) return drafts.every(({ name }) => tools.isOffered(name))
    return where === 'text' || drafts.every(({ name }) => tools.mayBe(name))
  }

  #acceptCalls(drafts: readonly CallDraft[]): void {
    const { sink } = this.#parts
    this.#pending = ''
    if (this.#section !== undefined) this.#section.hasCalls = true
    sink.calls(drafts)
  }

  *#enter(marker: string): Reading<void> {
    const close = this.#markers.sections.get(marker) ?? ''
    if (this.#markers.rows.has(marker) && (yield* this.#readCalls(marker, 'text')) !== 'nothing') return
    if (this.#section?.hasCalls === true) this.#leaveSection()
    this.#section = { close, hasCalls: false }
    this.#writeText(marker)
  }

  /** A marker that led to nothing is text; one that ends the reply is the beginning of a call that was cut. */
  *#writeMarker(marker: string): Reading<void> {
    const rows = this.#markers.rows.get(marker) ?? []
    if (rows.some((row) => row.grammar === 'named-json' && row.hidesMarker === true)) return
    if (rows.every((row) => 'at' in row)) return this.#writeText(marker)
    const space = yield* this.#parts.reader.skipSpace()
    if (!this.#parts.reader.isAtEnd) this.#writeText(marker + space)
  }

  #isSectionEnd(marker: string): boolean {
    return this.#markers.closings.has(marker) && (this.#section?.close === marker || this.#parts.sink.hasCalls)
  }

  #closeSection(marker: string): void {
    if (this.#section?.hasCalls === false) this.#writeText(marker)
    else this.#pending = ''
    this.#leaveSection()
  }

  #leaveSection(): void {
    const pending = this.#pending
    this.#pending = ''
    this.#section = undefined
    if (pending !== '') this.#parts.sink.text(pending)
  }

  #writeText(text: string): void {
    if (this.#section === undefined) return this.#parts.sink.text(text)
    this.#pending += text
    if (this.#pending.length > noiseMax) this.#leaveSection()
  }

  #writeReasoning(text: string, closing: string): void {
    const { sink, options } = this.#parts
    if (options.reasoning === 'keep') sink.text(text + closing)
    else sink.reasoning(text)
  }

  #finish(): void {
    this.#leaveSection()
  }

  /** A fence that begins or ends the whole reply is no part of it; one in between stands in a string. */
  *#readFence(marker: string): Reading<void> {
    const { reader, sink } = this.#parts
    if (!sink.hasText) return sink.boundary()
    const space = yield* reader.skipSpace()
    if (!reader.isAtEnd) sink.text(marker + space)
  }
}

/** What became of the text behind a call's marker. */
type Found = 'calls' | 'written' | 'nothing'

/** Characters that wait for a marker when nobody knows whether the reply begins with a thought. */
const undecidedMax = 65_536

/** Characters between a section's marker and its first call that may be noise. */
const noiseMax = 256
