/** What was said in one round, before a worker has kept it. */
export interface RecentRound {
  readonly userText: string
  readonly replyText: string
  readonly atMs: number
}

/** Together, in characters; the oldest go first. */
const charactersMax = 4 * 1024 * 1024

/**
 * What was said lately through this process, by the number of the reply: a turn that follows at once finds what the store
 * does not have yet. Bounded, and lost with the process.
 */
export class RecentRounds {
  readonly #rounds = new Map<string, RecentRound>()
  #characters = 0

  add(reply: string, round: RecentRound): void {
    this.delete(reply)
    const size = sizeOf(round)
    if (size > charactersMax / 8) return
    this.#rounds.set(reply, round)
    this.#characters += size
    for (const oldest of this.#rounds.keys()) {
      if (this.#characters <= charactersMax) return
      this.delete(oldest)
    }
  }

  get(reply: string): RecentRound | undefined {
    return this.#rounds.get(reply)
  }

  delete(reply: string): void {
    const round = this.#rounds.get(reply)
    if (round === undefined) return
    this.#rounds.delete(reply)
    this.#characters -= sizeOf(round)
  }

  /** Of everything: somebody is to be forgotten, and what is kept by number names nobody. */
  clear(): void {
    this.#rounds.clear()
    this.#characters = 0
  }
}

/** With what an entry costs by itself. */
function sizeOf({ userText, replyText }: RecentRound): number {
  return userText.length + replyText.length + 100
}
