/** Bytes of a reply that are kept until more is known of it. */
export class HeldBytes {
  #chunks: Buffer[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** The chunks as they came; nothing is held from then on. */
  take(): readonly Buffer[] {
    const chunks = this.#chunks
    this.#chunks = []
    this.#length = 0
    return chunks
  }

  /** Copied only when there is more than one chunk. */
  whole(): Buffer {
    const [first] = this.#chunks
    return first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
  }
}
