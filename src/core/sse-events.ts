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
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
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
