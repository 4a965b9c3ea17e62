import type { ReplyPart } from '../../core/chat/reply-part.ts'
import type { ChantWatch } from '../loop/chant-watch.ts'
import type { ReplyStage, StageEnd } from './reply-stage.ts'
import { SumOfRounds } from './sum-of-rounds.ts'

export interface CourseEnd {
  /** What the client is to hear of it. */
  readonly parts: readonly ReplyPart[]
  /** What the same engine is to be asked before the client's end is told. */
  readonly ask: StageEnd['ask']
}

/**
 * What becomes of what an engine says on its way to the client, round by round: chants are cut, stages work on it and may
 * ask for more, and what it cost is summed up. The gateway and the replay of a recording hear a reply in the same way.
 * Owned by one reply.
 */
export class ReplyCourse {
  readonly #stage: ReplyStage | undefined
  readonly #chants: ChantWatch | undefined
  readonly #sum = new SumOfRounds()
  #isFirstRound = true
  #isCut = false
  /** The first reply ended in an error. */
  #hasFailed = false
  /** What was asked for beyond the first reply ended in one. */
  #hasRoundFailed = false

  constructor({ stage, chants }: { readonly stage: ReplyStage | undefined; readonly chants: ChantWatch | undefined }) {
    this.#stage = stage
    this.#chants = chants
  }

  /** Something may be done to the reply. */
  get hasStage(): boolean {
    return this.#stage !== undefined
  }

  /** The engine says one thing over and over: what else comes of this round is not heard, and it is to be ended. */
  get isCut(): boolean {
    return this.#isCut
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** What the client is to hear of it; possibly nothing yet. */
  read(parts: readonly ReplyPart[]): readonly ReplyPart[] {
    const told: ReplyPart[] = []
    for (const part of parts) {
      if (part.type === 'error' && !this.#isFirstRound) this.#hasRoundFailed = true
      if (this.#hasRoundFailed) break
      if (this.#isCut && part.type !== 'usage') continue
      told.push(...this.#hear(part))
      if (part.type !== 'text' && part.type !== 'reasoning') continue
      if (this.#isCut || this.#chants?.hear(part) !== true) continue
      told.push(...this.#hear({ type: 'finish', reason: 'stop' }))
      this.#isCut = true
    }
    return this.#untilFailure(told)
  }

  /** The engine's reply came to its own end. */
  endRound(): CourseEnd {
    if (this.#hasFailed || this.#stage === undefined) return { parts: [], ask: undefined }
    if (this.#hasRoundFailed) return { parts: this.giveUp(), ask: undefined }
    const { parts, ask } = this.#stage.end()
    if (ask !== undefined) this.#nextRound()
    return { parts: this.#untilFailure(parts), ask }
  }

  /** What was asked for beyond the engine's reply cannot be had: what is left of the reply as it stands. */
  giveUp(): readonly ReplyPart[] {
    return this.#untilFailure(this.#stage?.giveUp() ?? [])
  }

  #nextRound(): void {
    this.#isFirstRound = false
    this.#isCut = false
    this.#chants?.restart()
    this.#sum.nextRound()
  }

  #hear(part: ReplyPart): readonly ReplyPart[] {
    const counted = this.#sum.add(part)
    return counted === undefined ? [] : (this.#stage?.read(counted) ?? [counted])
  }

  /** Nothing follows an error. */
  #untilFailure(parts: readonly ReplyPart[]): readonly ReplyPart[] {
    if (this.#hasFailed) return []
    const end = parts.findIndex(({ type }) => type === 'error')
    if (end === -1) return parts
    this.#hasFailed = true
    return parts.slice(0, end + 1)
  }
}
