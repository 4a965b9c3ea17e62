import type { Timings } from './timings.ts'

/** What `/metrics` adds up. */
export class EngineCounters {
  promptTokens = 0
  cachedTokens = 0
  promptSeconds = 0
  predictedTokens = 0
  predictedSeconds = 0
  longestSequence = 0

  count(timings: Timings): void {
    this.promptTokens += timings.prompt_n
    this.cachedTokens += timings.cache_n
    this.promptSeconds += timings.prompt_ms / 1000
    this.predictedTokens += timings.predicted_n
    this.predictedSeconds += timings.predicted_ms / 1000
    const sequence = timings.prompt_n + timings.cache_n + timings.predicted_n
    this.longestSequence = Math.max(this.longestSequence, sequence)
  }
}
