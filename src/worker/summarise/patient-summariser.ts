import { createHash } from 'node:crypto'

import type { QuestionMessage } from '../../core/question.ts'
import type { Summariser } from '../../gateway/configure/summariser-of.ts'
import { InputRefused, modelFault } from '../model-fault.ts'

/** What every model can answer. */
const harmless: readonly QuestionMessage[] = [{ role: 'user', content: 'Say: good morning.' }]

const deathsTillRefused = 3
const watchedMax = 1_000

/** Tells a text that a model refuses, or dies of, from a model that is in trouble: only the former is put aside. */
export class PatientSummariser {
  readonly model: string
  readonly #summariser: Pick<Summariser, 'ask' | 'model'>
  /** How often the engine died when it was asked this. */
  readonly #deaths = new Map<string, number>()

  constructor(summariser: Pick<Summariser, 'ask' | 'model'>) {
    this.model = summariser.model
    this.#summariser = summariser
  }

  /** @throws InputRefused when only this is at fault; whatever else keeps the model from answering */
  async ask(messages: readonly QuestionMessage[]): Promise<string> {
    const key = createHash('sha256').update(JSON.stringify(messages)).digest('hex')
    const deaths = this.#deaths.get(key) ?? 0
    // Judged when the engine is back, and not while that still starts.
    if (deaths >= deathsTillRefused) return this.#refuse(key, `the engine died ${deaths} times of this text`)
    try {
      const answer = await this.#summariser.ask(messages)
      this.#deaths.delete(key)
      return answer
    } catch (error) {
      const fault = modelFault(error)
      if (fault === 'refused') return this.#refuse(key, error instanceof Error ? error.message : String(error))
      if (fault === 'died') this.#countDeath(key, deaths + 1)
      throw error
    }
  }

  async #refuse(key: string, reason: string): Promise<never> {
    await this.#summariser.ask(harmless)
    this.#deaths.delete(key)
    throw new InputRefused(reason)
  }

  #countDeath(key: string, deaths: number): void {
    if (this.#deaths.size >= watchedMax) this.#deaths.clear()
    this.#deaths.set(key, deaths)
  }
}
