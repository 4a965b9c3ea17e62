import type { Logger } from '../../core/logger.ts'
import {
  admits,
  admittedInMs,
  breakerAfter,
  type BreakerEvent,
  type BreakerSettings,
  type BreakerState,
  closedBreaker,
} from '../../resilience/breaker.ts'
import { modelStatesMax } from './model-states-max.ts'

export interface BreakerStanding {
  readonly model: string
  readonly isOpen: boolean
  readonly admittedInMs: number
}

/** The breaker of each model of one backend. Only those are held that are not closed: almost every request meets a closed one. */
export class ModelBreakers {
  readonly #states = new Map<string, BreakerState>()
  readonly #settings: BreakerSettings
  readonly #logger: Logger

  constructor({ settings, logger }: { readonly settings: BreakerSettings; readonly logger: Logger }) {
    this.#settings = settings
    this.#logger = logger
  }

  of(model: string): BreakerState {
    return this.#states.get(model) ?? closedBreaker
  }

  standing(nowMs: number): readonly BreakerStanding[] {
    return Array.from(this.#states, ([model, state]) => ({
      model,
      isOpen: !admits(state, nowMs),
      admittedInMs: Math.round(admittedInMs(state, nowMs)),
    }))
  }

  /** What a closed breaker need not know. */
  stepUnlessClosed(model: string, event: BreakerEvent): void {
    if (this.#states.has(model)) this.step(model, event)
  }

  step(model: string, event: BreakerEvent): void {
    const before = this.of(model)
    const after = breakerAfter(before, event, this.#settings)
    if (after === before) return
    if (after === closedBreaker) this.#states.delete(model)
    else if (this.#states.has(model) || this.#states.size < modelStatesMax) this.#states.set(model, after)
    if (after.phase === before.phase) return
    this.#logger.warn(
      { model, phase: after.phase, was: before.phase, cause: after.phase === 'closed' ? undefined : after.cause },
      'a circuit breaker changed',
    )
  }
}
