import { StringDecoder } from 'node:string_decoder'

/**
 * Splits an event stream into the data of its events, however the bytes were cut on the way. Comments and other fields
 * are skipped. Engines write one `data:` line an event, so lines are not gathered. The caller bounds `pendingLength`.
 */
export class SseEvents {
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  /** Characters of a line that has not ended. */
  get pendingLength(): number {
    return this.#rest.length
  }

  push(chunk: Buffer): readonly string[] {
    const text = this.#decoder.write(chunk)
    // What was pending is looked at again only when its line ends: a line of megabytes comes in thousands of chunks.
    if (!text.includes('\n')) {
      this.#rest += text
      return []
    }
    const lines = this.#rest === '' ? text : this.#rest + text
    const events: string[] = []
    let start = 0
    for (let end = lines.indexOf('\n'); end !== -1; end = lines.indexOf('\n', start)) {
      if (lines.startsWith(field, start)) events.push(lines.slice(start + field.length, end).trim())
      start = end + 1
    }
    this.#rest = lines.slice(start)
    return events
  }

  /** What stands behind the last line break, when the stream has ended. */
  end(): readonly string[] {
    const last = this.#rest + this.#decoder.end()
    this.#rest = ''
    return last.startsWith(field) ? [last.slice(field.length).trim()] : []
  }
}

const field = 'data:'
