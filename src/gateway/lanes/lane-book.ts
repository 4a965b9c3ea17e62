import type { ToolFacts } from '../../core/tool-facts.ts'
import type { BackendRuntime } from '../fleet/backend-runtime.ts'
import { ToolFactsCache } from './tool-facts-cache.ts'

/** What this gateway knows of how tools reach each model. */
export class LaneBook {
  readonly #facts = new ToolFactsCache()

  /** `undefined` where nobody can tell. Never rejects, and waits five seconds at most. */
  facts(backend: BackendRuntime, model: string): Promise<ToolFacts | undefined> {
    return this.#facts.get(backend, model)
  }
}
