/** Room for the finish reason, the usage with its timings and the end marker, each an event of its own. */
const keptBytes = 4 * 1024

const endMarker = '[DONE]'

/**
 * Remembers how a reply ended. The last bytes are copied: chunks may be as small as a byte or hold a whole reply, and a
 * stream that idles for an hour must not keep them alive.
 */
export class ReplyTail {
  #buffer: Buffer | undefined
  #used = 0

  push(chunk: Buffer): void {
    const buffer = (this.#buffer ??= Buffer.allocUnsafe(2 * keptBytes))
    const kept = chunk.length > keptBytes ? chunk.subarray(-keptBytes) : chunk
    if (this.#used + kept.length > buffer.length) {
      buffer.copyWithin(0, this.#used - keptBytes, this.#used)
      this.#used = keptBytes
    }
    this.#used += kept.copy(buffer, this.#used)
  }

  /** The last 4 KiB, or all of a shorter reply. A character at their beginning may be cut. */
  text(): string {
    return this.#buffer?.toString('utf8', Math.max(0, this.#used - keptBytes), this.#used) ?? ''
  }

  /**
   * Whether the end marker of an event stream came with this chunk, which was pushed last. One that was cut in two is
   * recognised unless more follows it.
   */
  holdsEnd(chunk: Buffer): boolean {
    const isLikely = chunk.length < 2 * endMarker.length || chunk.includes(endMarker)
    return isLikely && /^data: ?\[DONE\]/m.test(this.text())
  }
}
