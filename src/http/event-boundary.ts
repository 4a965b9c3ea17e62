const lineFeed = 0x0a
const carriageReturn = 0x0d

/** The longest end of an event that has to be seen whole: a line break, then an empty line with two bytes of its own. */
const endingMaxBytes = 3

/**
 * Knows whether the bytes of an event stream so far end between two events, however they were cut into chunks. Only
 * there may something be put in: anywhere else it would become part of what the engine says.
 */
export class EventBoundary {
  /** The latest bytes; looked at only when somebody asks, since chunks are many. */
  #ending: Buffer | undefined

  push(chunk: Buffer): void {
    if (this.#ending === undefined || chunk.length >= endingMaxBytes) this.#ending = chunk
    else this.#ending = Buffer.concat([this.#ending.subarray(-endingMaxBytes), chunk])
  }

  get isBetweenEvents(): boolean {
    const ending = this.#ending
    if (ending === undefined) return true
    const last = ending.at(-1)
    const before = ending.at(-2)
    return last === lineFeed && (before === lineFeed || (before === carriageReturn && ending.at(-3) === lineFeed))
  }
}
