import { decodeTokensPerMs, prefillTokensPerMs } from './replay-host.ts'
import type { ReplayHost, ReplayModel } from './replay-host.ts'
import type { TraceRow } from './trace-row.ts'

/** How much of its prompt a session's next turn need not compute again. */
export class PrefixCache {
  readonly #host: ReplayHost
  /** By session and model: tokens held, and which residency of the model holds them. */
  readonly #turns = new Map<string, { readonly tokens: number; readonly residency: number }>()
  readonly #residencies = new Map<string, number>()
  /** By model: tokens of the latest turns, one for each slot, which a stop would save. */
  readonly #recent = new Map<string, number[]>()

  constructor(host: ReplayHost) {
    this.#host = host
  }

  /** What serving takes, at the moment it starts; remembers the turn. */
  serve(row: TraceRow, model: ReplayModel): { readonly prefillMs: number; readonly serviceMs: number } {
    const speed = prefillTokensPerMs(this.#host, model)
    const { kept, restoreMs } = this.#keptOf(row, speed)
    const prefillMs = (row.promptTokens - kept) / speed + restoreMs
    if (row.session !== undefined) this.#remember(row, model)
    return { prefillMs, serviceMs: prefillMs + row.outputTokens / decodeTokensPerMs(this.#host, model) }
  }

  /** The model's instance is told to stop. Gives back how long saving what it holds takes. */
  leave(name: string): number {
    const tokens = (this.#recent.get(name) ?? []).reduce((sum, turn) => sum + turn, 0)
    this.#recent.delete(name)
    this.#residencies.set(name, this.#residencyOf(name) + 1)
    return this.#host.prefixCache === 'restore' ? this.#transferMs(tokens) : 0
  }

  #keptOf(row: TraceRow, tokensPerMs: number): { readonly kept: number; readonly restoreMs: number } {
    const turn = row.session === undefined ? undefined : this.#turns.get(keyOf(row))
    if (turn === undefined || this.#host.prefixCache === 'none') return { kept: 0, restoreMs: 0 }
    const kept = Math.max(0, Math.min(row.promptTokens - 1, turn.tokens))
    if (turn.residency === this.#residencyOf(row.model)) return { kept, restoreMs: 0 }
    const restoreMs = this.#transferMs(kept)
    // Reading it back must beat computing it again.
    const isWorth = this.#host.prefixCache === 'restore' && restoreMs <= kept / tokensPerMs
    return isWorth ? { kept, restoreMs } : { kept: 0, restoreMs: 0 }
  }

  #remember(row: TraceRow, { name, slots }: ReplayModel): void {
    const tokens = row.promptTokens + row.outputTokens
    this.#turns.set(keyOf(row), { tokens, residency: this.#residencyOf(name) })
    this.#recent.set(name, [...(this.#recent.get(name) ?? []), tokens].slice(-slots))
  }

  #residencyOf(name: string): number {
    return this.#residencies.get(name) ?? 0
  }

  #transferMs(tokens: number): number {
    return ((tokens * this.#host.cacheBytesPerToken) / this.#host.cacheRate) * 1000
  }
}

function keyOf({ session = '', model }: TraceRow): string {
  return `${session}\n${model}`
}
