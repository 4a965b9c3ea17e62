import type { ReplyPart, Timings, Usage } from '../../core/chat/reply-part.ts'

/** Counts what a reply cost that the engine gave in several rounds: whoever reads a part of it reads the sum so far. */
export class SumOfRounds {
  #before: Usage = {}
  #beforeTimings: Timings = {}
  #usage: Usage = {}
  #timings: Timings = {}
  #rounds = 0

  /** The part as it counts for the whole reply; undefined for one that only the first round has. */
  add(part: ReplyPart): ReplyPart | undefined {
    switch (part.type) {
      case 'start':
        return this.#rounds === 0 ? part : undefined
      case 'usage':
        this.#usage = { ...this.#usage, ...part.usage }
        return { type: 'usage', usage: sumOf(this.#before, this.#usage) }
      case 'timings':
        this.#timings = { ...this.#timings, ...part.timings }
        return { type: 'timings', timings: sumOf(this.#beforeTimings, this.#timings) }
      default:
        return part
    }
  }

  /** The engine is asked once more. */
  nextRound(): void {
    this.#rounds++
    this.#before = sumOf(this.#before, this.#usage)
    this.#beforeTimings = sumOf(this.#beforeTimings, this.#timings)
    this.#usage = {}
    this.#timings = {}
  }
}

/** What neither has is absent. */
function sumOf<Name extends string>(left: Counts<Name>, right: Counts<Name>): Counts<Name> {
  const sum: { [Each in Name]?: number } = { ...left }
  for (const name in right) sum[name] = (left[name] ?? 0) + (right[name] ?? 0)
  return sum
}

type Counts<Name extends string> = { readonly [Each in Name]?: number }
