import { discoverBackends } from '../../backends/discover.ts'
import type { BackendSettings } from '../../core/backend.ts'
import type { Logger } from '../../core/logger.ts'
import type { SimulatedEngineOptions } from '../../sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../sim/simulated-engine.ts'

/** An engine that is started after the gateway is found within this time. */
const usualLookAgainAfterMs = 10_000

/** So that a new user sees tokens come one by one. */
const lifelike: SimulatedEngineOptions = { timeScale: 1, prefillRate: 5_000, decodeRate: 80, embeddings: true }

/**
 * The backends of a gateway that was given none: what answers on the engines' usual ports of this machine, else the
 * simulated engine, so that the first request of a new user gets a reply that says plainly what it is.
 */
export class DefaultBackends {
  readonly #logger: Logger
  readonly #where: { readonly skipPorts: readonly number[]; readonly ports?: readonly number[] }
  readonly #lookAgainAfterMs: number
  readonly #simulatedOptions: SimulatedEngineOptions
  #simulated: SimulatedEngine | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(parts: {
    logger: Logger
    ownPort: number
    ports?: readonly number[]
    lookAgainAfterMs?: number
    simulated?: SimulatedEngineOptions
  }) {
    this.#simulatedOptions = parts.simulated ?? lifelike
    this.#logger = parts.logger
    this.#where = { skipPorts: [parts.ownPort], ports: parts.ports }
    this.#lookAgainAfterMs = parts.lookAgainAfterMs ?? usualLookAgainAfterMs
  }

  get isSimulated(): boolean {
    return this.#simulated !== undefined
  }

  /** Looks once. Takes a second at most. */
  async find(): Promise<readonly BackendSettings[]> {
    const found = await discoverBackends(this.#where)
    if (found.length > 0) {
      await this.#stopSimulated()
      return found
    }
    return [await this.#simulatedBackend()]
  }

  /** Keeps looking, and tells when there is something else than before. */
  watch(onFound: (backends: readonly BackendSettings[]) => Promise<void>): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    let before = ''
    const look = async (): Promise<void> => {
      const found = await discoverBackends(this.#where)
      const now = found.map(({ url }) => url).join(' ')
      // Nothing found is no news: an engine that went away keeps its place, and its health says that it is down.
      if (found.length > 0 && now !== before && !this.#isClosed) {
        before = now
        await onFound(found)
        await this.#stopSimulated()
      }
    }
    const again = (): void => {
      this.#timer = setTimeout(() => {
        look()
          .catch((error: unknown) => this.#logger.warn({ err: error }, 'looking for engines failed'))
          .finally(() => {
            if (!this.#isClosed) again()
          })
      }, this.#lookAgainAfterMs).unref()
    }
    again()
  }

  /** Looks no more: backends are configured now. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#stopSimulated()
  }

  async #simulatedBackend(): Promise<BackendSettings> {
    this.#simulated ??= await startSimulatedEngine(this.#simulatedOptions)
    return {
      name: 'simulated',
      url: this.#simulated.url,
      kind: 'llama.cpp',
      trust: 'local',
      headers: {},
      weight: 1,
      isPaid: false,
    }
  }

  async #stopSimulated(): Promise<void> {
    const engine = this.#simulated
    this.#simulated = undefined
    await engine?.close()
  }
}
