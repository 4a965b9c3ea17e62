import type { Embedder } from '../../core/embedder.ts'
import { CachedEmbedder, digestOf } from '../../memory/embeddings/cached-embedder.ts'
import { documentInput, type InputOptions } from '../../memory/embeddings/embedding-input.ts'
import type { BareRound, Embeddings } from '../../store/embeddings.ts'
import { InputRefused, modelFault } from '../model-fault.ts'
import { startStopwatch } from '../stopwatch.ts'

export interface RoundEmbedderOptions {
  /** Rejects while the store cannot be had. */
  readonly embeddings: () => Promise<Pick<Embeddings, 'missing' | 'ofTexts' | 'add'>>
  readonly embedder: Embedder
  readonly input: InputOptions
  /** Texts in one call. */
  readonly batch: number
  readonly lineageKeepMs: number
}

/** Anything that takes text at all takes this. */
const harmless = 'Good morning.'
/** A text that is refused is tried again with half of it, down to so much. */
const charactersMin = 200
/** Who was there when the engine died is sent alone from then on, and after so many deaths taken to be their cause. */
const deathsTillRefused = 3

/** Gives rounds their vectors. What was done is kept call by call, so that whoever is interrupted goes on from there. */
export class RoundEmbedder {
  readonly counts: CachedEmbedder['counts']
  readonly #options: RoundEmbedderOptions
  readonly #cached: CachedEmbedder
  /** Rounds that were there when the engine died, and how often. */
  readonly #deaths = new Map<string, number>()
  /** Known while a batch is halved until its event is found. */
  readonly #refused = new Map<string, string>()

  constructor(options: RoundEmbedderOptions) {
    const { embedder, batch, embeddings } = options
    this.#options = options
    this.#cached = new CachedEmbedder({
      embedder,
      batch,
      known: async (digests) => (await embeddings()).ofTexts(digests, embedder),
    })
    this.counts = this.#cached.counts
  }

  /** @throws InputRefused when one of them is at fault; whatever else keeps it from being done */
  async embed(requestIds: readonly string[]): Promise<void> {
    const [only, ...more] = requestIds
    try {
      await this.#embedAll(requestIds)
    } finally {
      // It is put aside now, and may come again when the model takes it.
      if (only !== undefined && more.length === 0) this.#refused.delete(only)
    }
  }

  async #embedAll(requestIds: readonly string[]): Promise<void> {
    this.#tellRefused(requestIds)
    const { embedder, batch, embeddings } = this.#options
    const rounds = await (await embeddings()).missing(requestIds, embedder)
    const isSuspect = ({ requestId }: BareRound): boolean => this.#deaths.has(requestId)
    const others = rounds.filter((round) => !isSuspect(round))
    for (let start = 0; start < others.length; start += batch)
      await this.#embedTogether(others.slice(start, start + batch))
    for (const suspect of rounds.filter(isSuspect)) await this.#embedSuspect(suspect)
  }

  async #embedTogether(rounds: readonly BareRound[]): Promise<void> {
    try {
      await this.#give(rounds, this.#options.input.charactersMax)
    } catch (error) {
      const fault = modelFault(error)
      if (fault === 'died') this.#countDeath(rounds)
      if (fault !== 'refused') throw error
      const [only, ...more] = rounds
      if (only !== undefined && more.length === 0) return this.#embedShortened(only, error)
      await this.#requireWell()
      throw new InputRefused(`one of ${rounds.length} texts is refused: ${messageOf(error)}`)
    }
  }

  /** It is judged when the engine is back, and not while that still starts. */
  async #embedSuspect(round: BareRound): Promise<void> {
    const deaths = this.#deaths.get(round.requestId) ?? 0
    if (deaths < deathsTillRefused) return this.#embedTogether([round])
    return this.#refuse(round, `the engine died ${deaths} times when it was given this text, and is well otherwise`)
  }

  /** Models take only so much, and each says so in its own words, if at all. */
  async #embedShortened(round: BareRound, error: unknown): Promise<void> {
    let last = error
    for (let characters = this.#options.input.charactersMax / 2; characters >= charactersMin; characters /= 2) {
      try {
        return await this.#give([round], characters)
      } catch (refusal) {
        if (modelFault(refusal) !== 'refused') throw refusal
        last = refusal
      }
    }
    await this.#refuse(round, messageOf(last))
  }

  async #give(rounds: readonly BareRound[], charactersMax: number): Promise<void> {
    const { embedder, embeddings, input, lineageKeepMs } = this.#options
    const texts = rounds.map((round) => documentInput(round, { ...input, charactersMax }))
    const watch = startStopwatch()
    const vectors = await this.#cached.embed(texts)
    const made = rounds.map(({ requestId }, index) => ({
      requestId,
      digest: digestOf(texts[index] ?? ''),
      vector: vectors[index] ?? [],
    }))
    const facts = {
      texts: texts.length,
      ...(charactersMax < input.charactersMax && { cut_to_characters: charactersMax }),
    }
    await (await embeddings()).add(made, embedder, { ...watch(), keepMs: lineageKeepMs, facts })
    for (const { requestId } of rounds) this.#deaths.delete(requestId)
  }

  #countDeath(rounds: readonly BareRound[]): void {
    for (const { requestId } of rounds) this.#deaths.set(requestId, (this.#deaths.get(requestId) ?? 0) + 1)
  }

  async #refuse({ requestId }: BareRound, reason: string): Promise<never> {
    await this.#requireWell()
    this.#deaths.delete(requestId)
    this.#refused.set(requestId, reason)
    throw new InputRefused(reason)
  }

  /** Asked without the cache: a model that refuses everything is at fault itself, and everything is held. */
  async #requireWell(): Promise<void> {
    await this.#options.embedder.embed([harmless])
  }

  /** Nobody is asked again for one that is known. */
  #tellRefused(requestIds: readonly string[]): void {
    const refused = requestIds.find((requestId) => this.#refused.has(requestId))
    if (refused === undefined) return
    throw new InputRefused(this.#refused.get(refused))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
