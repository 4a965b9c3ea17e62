import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { parseForeignJson } from '../../core/foreign-json.ts'
import { SseEvents } from '../../core/sse-events.ts'
import { ChunkReader } from './chunk-reader.ts'

/** Reads an engine's event stream, however its bytes were cut on the way, into the parts of a reply. */
export class ChatStreamReader {
  readonly #events = new SseEvents()
  readonly #chunks: ChunkReader

  constructor(mintId: () => string) {
    this.#chunks = new ChunkReader(mintId)
  }

  push(bytes: Buffer): ReplyPart[] {
    return this.#events.push(bytes).flatMap((data) => this.#read(data))
  }

  /** What stands behind the last line break. */
  end(): ReplyPart[] {
    return this.#events.end().flatMap((data) => this.#read(data))
  }

  #read(data: string): ReplyPart[] {
    if (data === '' || data === '[DONE]') return []
    const json = parseForeignJson(data)
    return json === undefined ? [] : this.#chunks.read(json, 'delta')
  }
}
