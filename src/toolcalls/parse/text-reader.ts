import { BracketScan } from './bracket-scan.ts'
import { isSpace } from '../values/is-space.ts'
import type { MarkerSet } from './marker-set.ts'

/** A step that waits for more text by yielding; whoever drives it pushes a chunk and resumes. */
export type Reading<Result> = Generator<void, Result, void>

/**
 * Text that comes in chunks, read as if it were whole: what a step returns depends on the text alone, never on where it
 * was cut. Every character is looked at a bounded number of times, and text already taken is not copied again.
 */
export class TextReader {
  #text = ''
  #at = 0
  #isEnded = false
  #taken = 0
  #record: string[] | undefined
  #recorded = 0
  #reread = 0
  /** The furthest position that was ever reached. */
  #furthest = 0
  readonly #recordMax: number

  /** @param recordMax characters that one attempt at a call may hold; beyond, every step returns as at the end. */
  constructor(recordMax: number) {
    this.#recordMax = recordMax
  }

  push(chunk: string): void {
    this.#text = this.#at === this.#text.length ? chunk : this.#text.slice(this.#at) + chunk
    this.#at = 0
  }

  end(): void {
    this.#isEnded = true
  }

  /** Characters taken since the start. */
  get position(): number {
    return this.#taken
  }

  /** The next character, where it is known already. */
  get following(): string {
    return this.#text.charAt(this.#at)
  }

  get isAtEnd(): boolean {
    return this.#isEnded && this.#at === this.#text.length
  }

  /** From here on text can be given back. */
  mark(): void {
    this.#record = []
    this.#recorded = 0
  }

  /** Text taken since the mark. The mark is gone. */
  forget(): string {
    const text = this.#record?.join('') ?? ''
    this.#record = undefined
    this.#recorded = 0
    return text
  }

  /**
   * Puts text back that was taken last, to be read another way. Whoever gives back much asks `mayReread` first: that
   * bounds the work on a text made of beginnings.
   */
  giveBack(text: string): void {
    if (text === '') return
    // Most often it stands there still: putting it in front would copy all that follows, once for each bracket of many.
    if (this.#at >= text.length && this.#text.startsWith(text, this.#at - text.length)) this.#at -= text.length
    else {
      this.#text = text + this.#text.slice(this.#at)
      this.#at = 0
    }
    this.#taken -= text.length
    if (this.#record === undefined) return
    this.#record = [this.#record.join('').slice(0, -text.length)]
    this.#recorded -= text.length
  }

  /** Counts `length` characters as read once more; false when all of the text has been read several times over. */
  mayReread(length: number): boolean {
    this.#reread += length
    return this.#reread <= rereadFactor * this.#furthest + rereadFree
  }

  get #isOverfull(): boolean {
    return this.#recorded > this.#recordMax
  }

  get #isDone(): boolean {
    return this.#isEnded || this.#isOverfull
  }

  #take(length: number): string {
    const text = this.#text.slice(this.#at, this.#at + length)
    this.#at += length
    this.#taken += length
    if (this.#taken > this.#furthest) this.#furthest = this.#taken
    if (this.#record !== undefined && length > 0) {
      this.#record.push(text)
      this.#recorded += length
    }
    return text
  }

  /**
   * Hands text over until a marker, which it takes and returns; `undefined` at the end, or when more than `lengthMax`
   * characters came before one. `isTail` is true for what ends the text and is the beginning of a marker.
   */
  *until(
    markers: MarkerSet,
    onText: (text: string, isTail: boolean) => void,
    lengthMax = Number.POSITIVE_INFINITY,
  ): Reading<string | undefined> {
    const start = this.#taken
    for (;;) {
      const hit = this.#isOverfull ? undefined : markers.find(this.#text, this.#at)
      // A marker that begins further left and may still come goes first.
      const held = markers.heldFrom(this.#text, this.#at)
      if (hit !== undefined && (this.#isEnded || (!hit.isOpen && held >= hit.index))) {
        if (hit.index - this.#at > lengthMax - (this.#taken - start)) return undefined
        if (hit.index > this.#at) onText(this.#take(hit.index - this.#at), false)
        return this.#take(hit.marker.length)
      }
      const safe = Math.min(hit?.index ?? held, held)
      if (safe > this.#at) onText(this.#take(safe - this.#at), false)
      if (this.#taken - start > lengthMax) return undefined
      if (this.#isDone) {
        if (this.#at < this.#text.length) onText(this.#take(this.#text.length - this.#at), true)
        return undefined
      }
      yield
    }
  }

  /** As `until`, the text returned in one piece. */
  *collectUntil(
    markers: MarkerSet,
    lengthMax?: number,
  ): Reading<{ readonly text: string; readonly marker: string | undefined }> {
    const parts: string[] = []
    const marker = yield* this.until(markers, (text) => parts.push(text), lengthMax)
    return { text: parts.join(''), marker }
  }

  /** The next characters, `length` of them unless the text ends before; nothing is taken. */
  *peek(length: number): Reading<string> {
    while (this.#text.length - this.#at < length && !this.#isDone) yield
    return this.#text.slice(this.#at, this.#at + length)
  }

  /** Takes white space. */
  *skipSpace(): Reading<string> {
    const parts: string[] = []
    for (;;) {
      let at = this.#at
      while (at < this.#text.length && isSpace(this.#text.charCodeAt(at))) at++
      if (at > this.#at) parts.push(this.#take(at - this.#at))
      if (this.#at < this.#text.length || this.#isDone) return parts.join('')
      yield
    }
  }

  /** Takes the longest of these that comes next, if one does. */
  *accept(texts: readonly string[]): Reading<string | undefined> {
    for (;;) {
      const rest = this.#text.length - this.#at
      let best: string | undefined
      let mayGrow = false
      for (const text of texts) {
        if (text.length > (best?.length ?? 0) && this.#text.startsWith(text, this.#at)) best = text
        else if (text.length > rest && text.startsWith(this.#text.slice(this.#at))) mayGrow = true
      }
      if (!mayGrow || this.#isDone) {
        if (best !== undefined) this.#take(best.length)
        return best
      }
      yield
    }
  }

  /** As `accept`, white space before it included; without a match nothing is taken. */
  *acceptAfterSpace(texts: readonly string[]): Reading<string | undefined> {
    const space = yield* this.skipSpace()
    const found = yield* this.accept(texts)
    if (found === undefined) this.giveBack(space)
    return found
  }

  /** Takes one value in brackets, from the opening one to its match. */
  *balanced(): Reading<{ readonly text: string; readonly isClosed: boolean }> {
    const parts: string[] = []
    const scan = new BracketScan()
    for (;;) {
      const { at, isClosed } = scan.run(this.#text, this.#at)
      parts.push(this.#take(at - this.#at))
      if (isClosed || this.#isDone) return { text: parts.join(''), isClosed }
      yield
    }
  }
}

/** An honest reply reads hardly anything twice. */
const rereadFactor = 4
const rereadFree = 65_536
