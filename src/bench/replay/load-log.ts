import type { EngineMoment, EngineMomentName } from '../../lifecycle/instance/engine-moment.ts'
import type { Load } from './vram-idle.ts'

export interface LoadListener {
  /** Of one load, from the wish for it until the model could serve; of one stop, from the signal until its memory was free. */
  readonly onLoad: (load: Load) => void
  readonly onStop: (stop: { readonly model: string; readonly tookMs: number }) => void
}

/** Makes loads and stops of what is told of engines. Real, monotonic. */
export class LoadLog {
  readonly loads: Load[] = []
  readonly #last = new Map<string, Partial<Record<EngineMomentName, number>>>()
  readonly #listener: LoadListener

  constructor(listener: LoadListener) {
    this.#listener = listener
  }

  add({ model, name, atMs }: EngineMoment): void {
    const seen = { ...this.#last.get(model), [name]: atMs }
    this.#last.set(model, seen)
    if (name === 'ready' && seen.starting !== undefined) {
      const load = { model, startedMs: seen.starting, readyMs: atMs }
      this.loads.push(load)
      this.#listener.onLoad(load)
    }
    if (name === 'freed' && seen.signalled !== undefined) {
      this.#listener.onStop({ model, tookMs: atMs - seen.signalled })
    }
  }
}
