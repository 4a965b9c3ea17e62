import type { EngineMoment, EngineMomentName } from '../../lifecycle/instance/engine-moment.ts'
import type { SwapPhase } from '../../core/metrics.ts'

export interface SwapStretch {
  readonly model: string
  readonly phase: SwapPhase
  readonly durationMs: number
}

/** By the moment that ends it. A phase of which llmr did not see the beginning is not counted. */
const stretches: Partial<Record<EngineMomentName, { readonly phase: SwapPhase; readonly since: EngineMomentName }>> = {
  saving: { phase: 'drain', since: 'draining' },
  saved: { phase: 'save', since: 'saving' },
  exited: { phase: 'stop', since: 'signalled' },
  freed: { phase: 'memory', since: 'exited' },
  answering: { phase: 'spawn', since: 'starting' },
  loaded: { phase: 'load', since: 'answering' },
  ready: { phase: 'restore', since: 'loaded' },
}

/** Makes the phases of swaps of what is told of engines, as they end. */
export class SwapStretches {
  /** Of each model that comes or goes; forgotten when it has. */
  readonly #begun = new Map<string, Map<EngineMomentName, number>>()

  add({ model, name, atMs }: EngineMoment): SwapStretch | undefined {
    if (name === 'starting' || name === 'draining') this.#begun.set(model, new Map())
    const moments = this.#begun.get(model)
    moments?.set(name, atMs)
    if (name === 'ready' || name === 'freed') this.#begun.delete(model)
    const stretch = stretches[name]
    const sinceMs = stretch && moments?.get(stretch.since)
    return stretch === undefined || sinceMs === undefined
      ? undefined
      : { model, phase: stretch.phase, durationMs: atMs - sinceMs }
  }
}
