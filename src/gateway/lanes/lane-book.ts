import { adapterOf } from '../../backends/adapter-of.ts'
import type { Candidate } from '../../core/candidate.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { ToolFacts } from '../../core/tool-facts.ts'
import type { ToolLane } from '../../core/tool-lane.ts'
import { chooseLane } from '../../toolcalls/lane/choose-lane.ts'
import {
  emptyRecord,
  type GrammarFault,
  type LaneRecord,
  type LaneSign,
  recordAfter,
  recordAfterFault,
} from '../../toolcalls/lane/lane-record.ts'
import { buildOf } from './build-of.ts'
import { IdleProber } from './idle-prober.ts'
import type { LaneBackend } from './lane-backend.ts'
import { keyOf, LaneFiles } from './lane-files.ts'
import { probeLane } from './probe-lane.ts'
import { ToolFactsCache } from './tool-facts-cache.ts'

export interface LaneBookParts {
  /** Where what was learnt is remembered; absent: nowhere. */
  readonly dataDirectory: string | undefined
  /** Models may be tried while nobody uses them. */
  readonly mayProbe: () => boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly probeIdleMs?: number
  /** The lane of a model, or the reason for it, is another. */
  readonly onChanged?: () => void
}

const recordsMax = 200
const probeIdleMs = 5_000
const probeTimeoutMs = 120_000
/** Every so manyth reply is looked at once a model is known to call as it should. */
const sampledEvery = 10

/**
 * What this gateway knows of how tools reach each model: what its server shows, what traffic and probes have shown. The only
 * owner of it; the decisions are those of `toolcalls/lane`.
 */
export class LaneBook {
  readonly #parts: LaneBookParts
  readonly #facts = new ToolFactsCache()
  readonly #records = new Map<string, LaneRecord>()
  readonly #files: LaneFiles | undefined
  readonly #prober: IdleProber
  #seen = 0

  constructor(parts: LaneBookParts) {
    this.#parts = parts
    this.#files = parts.dataDirectory === undefined ? undefined : new LaneFiles(parts.dataDirectory)
    this.#prober = new IdleProber({
      idleMs: parts.probeIdleMs ?? probeIdleMs,
      probe: async (backend, model, signal) =>
        probeLane(backend, await this.facts(backend, model), { model, timeoutMs: probeTimeoutMs, signal }),
      onVerdict: (backend, model, verdict) => {
        if (verdict === undefined) return
        const probed = { ...verdict, atMs: parts.clock.now() }
        parts.logger.info(
          { backend: backend.settings.name, model, lane: verdict.lane, reason: verdict.reason },
          'a model was tried with tools',
        )
        this.#put(backend, model, { ...this.record(backend, model), probed })
      },
    })
  }

  /** `undefined` where nobody can tell. Never rejects, and waits five seconds at most. */
  facts(backend: LaneBackend, model: string): Promise<ToolFacts | undefined> {
    return this.#facts.get(backend, model)
  }

  /** What was seen already; nobody is asked. */
  seen(backend: LaneBackend, model: string): ToolFacts | undefined {
    return this.#facts.peek(backend, model)
  }

  /** By what is known now; nobody is asked. */
  choose(backend: LaneBackend, { model, description }: Pick<Candidate, 'model' | 'description'>) {
    return chooseLane({
      claimsTools: description?.capabilities.tools,
      rendersTools: this.#facts.peek(backend, model)?.rendersTools,
      record: this.record(backend, model),
    })
  }

  record(backend: LaneBackend, model: string): LaneRecord {
    const key = keyOf(backend.settings, model)
    const build = buildOf(backend.description, model)
    const known = this.#records.get(key) ?? this.#files?.load(key)
    const record = known?.build === build ? known : emptyRecord(build)
    if (!this.#records.has(key)) this.#remember(key, record)
    return record
  }

  /** Whether a reply of the native lane is to be looked at: all until ten were as they should be, then one in ten. */
  watches(backend: LaneBackend, model: string): boolean {
    const { recent } = this.record(backend, model)
    const isSettled = recent.length >= 10 && recent.every((sign) => sign === 'native-call' || sign === 'text')
    return !isSettled || this.#seen++ % sampledEvery === 0
  }

  /** A request goes to this backend. One with tools makes its model worth a trial. */
  arrives(backend: LaneBackend, { model, description }: Candidate, hasTools: boolean): void {
    this.#prober.makeWay(backend)
    if (!hasTools || !this.#parts.mayProbe() || description?.isLoaded !== true) return
    const { trust, isPaid } = backend.settings
    if (trust === 'cloud' || isPaid || backend.description?.kind === 'llmr') return
    if (this.record(backend, model).probed === undefined) this.#prober.wish(backend, model)
  }

  /** What a reply to a request with tools was like. */
  sees(
    backend: LaneBackend,
    model: string,
    { lane, sign }: { readonly lane: ToolLane; readonly sign: LaneSign },
  ): void {
    const before = this.record(backend, model)
    const takesPrompts = adapterOf(backend.description?.kind ?? backend.settings.kind).prompted !== undefined
    const after = recordAfter(before, sign, { lane, takesPrompts, nowMs: this.#parts.clock.now() })
    this.#put(backend, model, after)
    if (after.learnt === before.learnt) return
    this.#parts.logger.warn(
      { backend: backend.settings.name, model, lane: after.learnt?.lane, reason: after.learnt?.reason },
      'tools reach a model in another way from now on',
    )
  }

  /** The engine did not hold a reply to its grammar, or could not read it. */
  findsFault(backend: LaneBackend, model: string, fault: GrammarFault): void {
    const after = recordAfterFault(this.record(backend, model), fault)
    this.#parts.logger.warn(
      {
        backend: backend.settings.name,
        model,
        fault,
        strictness: after.strictness,
        is_off: after.grammarFault !== undefined,
      },
      'an engine does not hold replies to a grammar',
    )
    this.#put(backend, model, after)
  }

  /** Probes are given up, and everything is written. May be called again. */
  async close(): Promise<void> {
    await this.#prober.close()
    await this.#files?.close()
  }

  #put(backend: LaneBackend, model: string, record: LaneRecord): void {
    const key = keyOf(backend.settings, model)
    const before = this.#records.get(key)
    this.#remember(key, record)
    const isWorthKeeping =
      before?.learnt !== record.learnt ||
      before?.probed !== record.probed ||
      before?.strictness !== record.strictness ||
      before?.grammarFault !== record.grammarFault
    if (!isWorthKeeping) return
    void this.#files?.save(key, record) // never rejects
    this.#parts.onChanged?.()
  }

  #remember(key: string, record: LaneRecord): void {
    this.#records.delete(key)
    this.#records.set(key, record)
    if (this.#records.size > recordsMax) this.#records.delete(this.#records.keys().next().value ?? '')
  }
}
