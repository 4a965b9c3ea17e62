import { StringDecoder } from 'node:string_decoder'

export type OutputStream = 'stdout' | 'stderr' | 'llmr'

export interface LogLine {
  /** Counts all lines of this model since llmr was started, from 1: a gap shows what a reader has missed. */
  readonly number: number
  readonly atMs: number
  /** `llmr`: said by llmr itself about the engine, such as its exit. */
  readonly stream: OutputStream
  readonly text: string
}

export interface LogRingOptions {
  /** UTF-16 units of text kept; the oldest lines go first. */
  readonly sizeMax: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** An engine that writes without line breaks is cut into lines of this length. */
const lineMax = 8_192

/**
 * The last lines of what one engine printed, over its restarts. Text is made safe for a terminal: no escape sequences, no
 * control characters but tabs.
 */
export class LogRing {
  readonly #options: LogRingOptions
  readonly #partial = new Map<OutputStream, PartialLine>()
  readonly #listeners = new Set<(line: LogLine) => void>()
  /** A list with a moving head: taking from the front of an array costs its whole length. */
  #lines: LogLine[] = []
  #head = 0
  #size = 0
  #count = 0

  constructor(options: LogRingOptions) {
    this.#options = options
  }

  write(chunk: Buffer, stream: OutputStream): void {
    const partial = this.#partialOf(stream)
    const text = partial.text + partial.decoder.write(chunk)
    // A line break may be torn in two; alone, the first half is how progress bars go back.
    const torn = text.endsWith('\r') ? '\r' : ''
    const parts = text.slice(0, text.length - torn.length).split(/\r?\n|\r/)
    partial.text = (parts.pop() ?? '') + torn
    for (const text of parts) this.#append(text, stream)
    while (partial.text.length > lineMax) {
      this.#append(partial.text.slice(0, lineMax), stream)
      partial.text = partial.text.slice(lineMax)
    }
  }

  /** A line of llmr's own; returns its number. */
  note(text: string): number {
    this.#append(text, 'llmr')
    return this.#count
  }

  /** What stands without a line break counts as a line: the engine has ended. */
  flush(): void {
    for (const [stream, { decoder, text }] of this.#partial) {
      const rest = text + decoder.end()
      if (rest !== '') this.#append(rest, stream)
    }
    this.#partial.clear()
  }

  /** The lines kept, the oldest first; with `last`, no more than so many. */
  lines(last = Infinity): readonly LogLine[] {
    const from = Math.max(this.#head, this.#lines.length - last)
    return this.#lines.slice(from)
  }

  /** Calls the listener with every new line until the function returned is called. */
  follow(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #partialOf(stream: OutputStream): PartialLine {
    const known = this.#partial.get(stream)
    if (known !== undefined) return known
    const partial = { decoder: new StringDecoder('utf8'), text: '' }
    this.#partial.set(stream, partial)
    return partial
  }

  #append(raw: string, stream: OutputStream): void {
    const text = safeForTerminal(raw)
    const line = { number: ++this.#count, atMs: this.#options.now(), stream, text }
    this.#lines.push(line)
    this.#size += text.length + 1
    while (this.#size > this.#options.sizeMax && this.#head < this.#lines.length - 1) {
      this.#size -= (this.#lines[this.#head++]?.text.length ?? 0) + 1
    }
    if (this.#head > 1_024 && this.#head * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#head)
      this.#head = 0
    }
    for (const listener of this.#listeners) listener(line)
  }
}

interface PartialLine {
  readonly decoder: StringDecoder
  text: string
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)?|[\0-\b\v-\u001f\u007f-\u009f]/g

export function safeForTerminal(text: string): string {
  return text.replaceAll(escapes, '')
}
