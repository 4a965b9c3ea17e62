import type { ReplyPart } from '../../core/chat/reply-part.ts'
import { parseForeignJson } from '../../core/foreign-json.ts'
import { SseEvents } from '../../core/sse-events.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ReplyGaps } from './reply-gaps.ts'

/** Reads an engine's event stream, however its bytes were cut on the way, into the parts of a reply. */
export class ChatStreamReader {
  readonly #events = new SseEvents()
  readonly #chunks: ChunkReader
  readonly #gaps: ReplyGaps

  /** @param promptTokens an estimate, for engines that count nothing */
  constructor(mintId: () => string, promptTokens?: number) {
    this.#chunks = new ChunkReader(mintId)
    this.#gaps = new ReplyGaps(promptTokens)
  }

  push(bytes: Buffer): ReplyPart[] {
    return this.#events.push(bytes).flatMap((data) => this.#read(data))
  }

  /** What stands behind the last line break, and what the engine left out of a reply that is whole. */
  end(): ReplyPart[] {
    const last = this.#events.end().flatMap((data) => this.#read(data))
    return [...last, ...this.#gaps.missing()]
  }

  #read(data: string): ReplyPart[] {
    if (data === '' || data === '[DONE]') return []
    const json = parseForeignJson(data)
    if (json === undefined) return []
    const parts = this.#chunks.read(json, 'delta')
    for (const part of parts) this.#gaps.see(part)
    return parts
  }
}
