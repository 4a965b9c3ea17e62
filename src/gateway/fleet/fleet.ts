import type { BackendSettings } from '../../core/backend.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import { BackendRuntime, type RuntimeSettings } from './backend-runtime.ts'

/**
 * All backends of the gateway. A reload replaces only those whose settings changed; one that is taken away finishes what
 * it has in hand.
 */
export class Fleet {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #onChanged: () => void
  readonly #instanceId: string
  #backends = new Map<string, BackendRuntime>()
  readonly #adopted = new Map<string, BackendRuntime>()
  #runtime: RuntimeSettings | undefined
  readonly #leaving = new Set<Promise<void>>()

  /**
   * @param parts.instanceId of this gateway, to tell its own word from that of others
   * @param parts.onChanged called when the backends or their models may have changed
   */
  constructor(parts: { instanceId: string; clock: Clock; logger: Logger; onChanged: () => void }) {
    this.#instanceId = parts.instanceId
    this.#clock = parts.clock
    this.#logger = parts.logger
    this.#onChanged = parts.onChanged
  }

  get all(): readonly BackendRuntime[] {
    return [...this.#backends.values(), ...this.#adopted.values()]
  }

  get(name: string): BackendRuntime | undefined {
    return this.#backends.get(name) ?? this.#adopted.get(name)
  }

  /** Takes in an engine that llmr itself has started, for as long as it runs. */
  adopt(settings: BackendSettings, runtime: RuntimeSettings): void {
    const before = this.#adopted.get(settings.name)
    if (before !== undefined) this.#retire(before)
    const backend = this.#open(settings, runtime)
    this.#adopted.set(settings.name, backend)
    this.#onChanged()
    void backend.check()
  }

  release(name: string): void {
    const backend = this.#adopted.get(name)
    if (backend === undefined) return
    this.#adopted.delete(name)
    this.#retire(backend)
    this.#onChanged()
  }

  /** Makes the fleet be these backends, and resolves when each new one has been asked once. */
  async apply(settings: readonly BackendSettings[], runtime: RuntimeSettings): Promise<void> {
    const isSameRuntime = JSON.stringify(runtime) === JSON.stringify(this.#runtime)
    this.#runtime = runtime
    const before = this.#backends
    const added: BackendRuntime[] = []
    const next = settings.map((setting): [string, BackendRuntime] => {
      const known = before.get(setting.name)
      if (known !== undefined && isSameRuntime && JSON.stringify(known.settings) === JSON.stringify(setting)) {
        return [setting.name, known]
      }
      const backend = this.#open(setting, runtime)
      added.push(backend)
      return [setting.name, backend]
    })
    this.#backends = new Map(next)
    for (const backend of before.values()) {
      if (this.#backends.get(backend.settings.name) !== backend) this.#retire(backend)
    }
    this.#onChanged()
    await Promise.all(added.map((backend) => backend.check()))
  }

  /** Waits for requests in hand for `timeoutMs`, then cuts them. */
  async close(timeoutMs: number): Promise<void> {
    for (const backend of this.all) this.#retire(backend)
    const timer = setTimeout(() => {
      for (const backend of this.all) void backend.destroy()
    }, timeoutMs)
    await Promise.all(this.#leaving)
    clearTimeout(timer)
  }

  #open(settings: BackendSettings, runtime: RuntimeSettings): BackendRuntime {
    return new BackendRuntime({
      instanceId: this.#instanceId,
      settings,
      runtime,
      clock: this.#clock,
      logger: this.#logger,
      onChanged: this.#onChanged,
    })
  }

  #retire(backend: BackendRuntime): void {
    const leaving = backend.close().finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }
}
