/** Chunks kept: usage, finish reason and end marker may each be one of their own. */
const chunksMax = 6
const bytesMax = 16 * 1024

/** Remembers how a reply ended without copying it: references to the last few chunks, read once at the end. */
export class ReplyTail {
  #chunks: Buffer[] = []

  push(chunk: Buffer): void {
    if (this.#chunks.length === chunksMax) this.#chunks.shift()
    this.#chunks.push(chunk)
  }

  text(): string {
    let text = ''
    for (const chunk of this.#chunks.toReversed()) {
      text = chunk.toString('utf8', Math.max(0, chunk.length - bytesMax)) + text
      if (text.length >= bytesMax) break
    }
    return text
  }
}
