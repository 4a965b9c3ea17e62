import { tmpdir } from 'node:os'

import type { Config } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { EngineMoment } from '../../lifecycle/instance/engine-moment.ts'
import type { SimulatedEngineOptions } from '../../sim/engine-options.ts'
import { backendSettings, managedSettings, runtimeSettings } from '../configure/settings.ts'
import { DefaultBackends } from './default-backends.ts'
import type { Fleet } from './fleet.ts'
import { noModels, type ResidencyPlan } from './residency-plan.ts'
import { Residency } from './residency.ts'
import { type SwapStretch, SwapStretches } from './swap-stretches.ts'

export interface EnginesParts {
  readonly fleet: Fleet
  /** Where the journal of child processes and saved conversations lie. */
  readonly dataDirectory: string | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** Ports of this machine looked at when no backend is configured; by default the engines' usual ones. */
  readonly discoveryPorts: readonly number[] | undefined
  readonly simulated: SimulatedEngineOptions | undefined
  /** Who is in memory, at work or waiting may have changed. */
  readonly onChanged: () => void
  /** Which models there are has changed. */
  readonly onModelsChanged: () => void
  /** What its engines do and when, while they do it. */
  readonly onMoment: ((moment: EngineMoment) => void) | undefined
  readonly onStretch: (stretch: SwapStretch) => void
}

/** Every engine that requests may go to: those configured, those found on this machine, and those that llmr starts itself. */
export class Engines {
  readonly #parts: EnginesParts
  readonly #stretches = new SwapStretches()
  #defaults: DefaultBackends | undefined
  #residency: Residency | undefined
  #config: Config | undefined

  constructor(parts: EnginesParts) {
    this.#parts = parts
  }

  /** Who is in memory; absent when llmr starts no engines. */
  get residency(): Residency | undefined {
    return this.#residency
  }

  /** Nothing but the simulated engine is there. */
  get isSimulated(): boolean {
    return this.#defaults?.isSimulated ?? false
  }

  /**
   * Makes them be what was configured, without cutting a stream. Resolves when each new backend was asked once.
   *
   * @param own.port this gateway's own, which is no engine's
   */
  async apply(input: { config: Config; residency?: ResidencyPlan }, own: { port: number }): Promise<void> {
    this.#config = input.config
    await this.#applyResidency(input)
    await this.#applyBackends(input.config, own)
  }

  /** Who waits for a model is refused from now on; what runs goes on. */
  refuseWaiting(): void {
    this.#residency?.refuseWaiting()
  }

  /** Within the bound for each; what still runs then is cut. */
  async close(timeoutMs: number): Promise<void> {
    await this.#defaults?.close()
    await this.#residency?.close(timeoutMs)
    await this.#parts.fleet.close(timeoutMs)
  }

  async #applyResidency({ config, residency: plan }: { config: Config; residency?: ResidencyPlan }): Promise<void> {
    if (this.#residency !== undefined) await this.#residency.configure(plan ?? noModels)
    else if (plan !== undefined) this.#residency = await this.#startResidency(plan, config)
    else return
    this.#parts.onModelsChanged()
  }

  #startResidency(plan: ResidencyPlan, config: Config): Promise<Residency> {
    const { fleet, dataDirectory = tmpdir(), clock, logger, onChanged } = this.#parts
    return Residency.start({
      plan,
      dataDirectory,
      clock,
      logger,
      onLoaded: (model, ready) => fleet.adopt(managedSettings(model, ready), runtimeSettings(this.#config ?? config)),
      onGone: (name) => fleet.release(name),
      onChanged,
      onMoment: (moment) => this.#note(moment),
    })
  }

  #note(moment: EngineMoment): void {
    const stretch = this.#stretches.add(moment)
    if (stretch !== undefined) this.#parts.onStretch(stretch)
    this.#parts.onMoment?.(moment)
  }

  async #applyBackends(config: Config, { port }: { port: number }): Promise<void> {
    const { fleet, logger, discoveryPorts: ports, simulated } = this.#parts
    const configured = backendSettings(config)
    if (configured.length > 0 || this.#residency !== undefined) {
      await fleet.apply(configured, runtimeSettings(config))
      await this.#defaults?.close()
      this.#defaults = undefined
      return
    }
    this.#defaults ??= new DefaultBackends({ logger, ownPort: port, ports, simulated })
    await fleet.apply(await this.#defaults.find(), runtimeSettings(config))
    this.#defaults.watch((found) => fleet.apply(found, runtimeSettings(this.#config ?? config)))
  }
}
