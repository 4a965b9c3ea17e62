import { adapterOf } from '../../backends/adapter-of.ts'
import { openApi } from '../../backends/describe-backend.ts'
import { BackendFailure } from '../../backends/failure.ts'
import type { ToolFacts } from '../../core/tool-facts.ts'
import { buildOf } from './build-of.ts'
import type { LaneBackend } from './lane-backend.ts'
import { keyOf } from './lane-files.ts'

/** Rendering a few small prompts takes milliseconds; a server that is busy with a prompt may take longer to accept. */
const timeoutMs = 5_000

/** Of all backends together; the one that was asked for longest ago goes. */
const keptMax = 200

interface Known {
  readonly build: string
  readonly facts: Promise<ToolFacts | undefined>
  settled: ToolFacts | undefined
}

/**
 * What was seen of how tools reach each model, asked for once for each build of server and model. A server that does not
 * answer is asked again the next time.
 */
export class ToolFactsCache {
  readonly #known = new Map<string, Known>()

  /** `undefined` where nobody can tell. Never rejects, and waits five seconds at most. */
  async get(backend: LaneBackend, model: string): Promise<ToolFacts | undefined> {
    const key = keyOf(backend.settings, model)
    const build = buildOf(backend.description, model)
    const known = this.#known.get(key)
    if (known?.build === build) return known.facts
    const facts = readFacts(backend, model)
    const entry: Known = { build, facts, settled: undefined }
    this.#known.delete(key)
    this.#known.set(key, entry)
    if (this.#known.size > keptMax) this.#known.delete(this.#known.keys().next().value ?? '')
    entry.settled = await facts
    if (entry.settled === undefined && this.#known.get(key) === entry) this.#known.delete(key)
    return entry.settled
  }

  /** What was seen already. */
  peek({ settings, description }: LaneBackend, model: string): ToolFacts | undefined {
    const known = this.#known.get(keyOf(settings, model))
    return known?.build === buildOf(description, model) ? known.settled : undefined
  }
}

async function readFacts({ description, settings, connection }: LaneBackend, model: string) {
  const adapter = adapterOf(description?.kind ?? settings.kind)
  try {
    return await adapter.readTools?.(openApi(connection, { timeoutMs }), model)
  } catch (error) {
    if (!(error instanceof BackendFailure)) throw error
    return undefined // asked again when somebody needs it; the request itself will tell what is wrong
  }
}
