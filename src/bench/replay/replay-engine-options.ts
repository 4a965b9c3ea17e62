import type { ReplayHost, ReplayModel } from '../../sim/swaps/replay-host.ts'

/** What an engine of a replay is told on its command line, as one word of JSON. */
export interface ReplayEngineOptions {
  readonly port: number
  readonly model: ReplayModel
  readonly host: ReplayHost
  /** Real time for each simulated: 0.05 is twenty times as fast. */
  readonly timeScale: number
  /** Real time that its load and its stop take less, since llmr's own time is real as well. */
  readonly giveBackMs: { readonly load: number; readonly stop: number }
  /** Ends as soon as its code is read, so that the next start finds it compiled. */
  readonly isRehearsal?: boolean
}

/** What a request of a replay asks of an engine, in the field `metadata`. */
export interface ReplayWork {
  readonly prompt_tokens: number
  readonly output_tokens: number
  readonly session?: string
  /** Real milliseconds that serving it takes less. */
  readonly give_back_ms: number
}

/** What an engine of a replay says, as the text of its reply. */
export interface ReplayAnswer {
  /** Milliseconds since the epoch, with fractions. */
  readonly started_at_ms: number
  /** Simulated, until the first token. */
  readonly prefill_ms: number
  /** Simulated, until the end. */
  readonly service_ms: number
}

/** The same in every process of one machine. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now()
}
