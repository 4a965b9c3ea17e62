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
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.flatMap(dataOf)
  }

  /** What stands behind the last line break, when the stream has ended. */
  end(): readonly string[] {
    const last = this.#rest + this.#decoder.end()
    this.#rest = ''
    return dataOf(last)
  }
}

function dataOf(line: string): readonly string[] {
  return line.startsWith('data:') ? [line.slice('data:'.length).trim()] : []
}
