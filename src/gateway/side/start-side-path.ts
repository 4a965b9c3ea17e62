import type { Config } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { MetricsRegistry } from '../../telemetry/metrics.ts'
import type { StoreAccess } from '../../store/store-access.ts'
import type { GatewayOptions } from '../gateway-options.ts'
import { runningGateway } from '../configure/own-gateway.ts'
import { type ConfiguredQuestionEmbedder, questionEmbedderOf } from '../configure/question-embedder-of.ts'
import { Recaller } from '../request/memory/recaller.ts'
import { Remembering } from '../request/memory/remembering.ts'
import { SidePath } from './side-path.ts'

export interface SideParts {
  readonly options: Pick<GatewayOptions, 'side' | 'dataDirectory'>
  readonly config: () => Config
  readonly store: StoreAccess | undefined
  readonly instanceId: string
  readonly metrics: MetricsRegistry
  readonly clock: Clock
  readonly logger: Logger
}

export interface StartedSide {
  /** Absent: nothing is told after replies. */
  readonly side?: SidePath
  /** Absent: nobody is remembered. What was said is kept by events alone, so it needs the side path. */
  readonly remembering?: Remembering
  /** Absent: nobody is given anything back. */
  readonly recaller?: Recaller
}

/** @throws the system's error when the spool's folder cannot be used */
export function startSidePath({ options, config, store, ...parts }: SideParts): StartedSide {
  const { side: wanted, dataDirectory } = options
  if (wanted === undefined || store === undefined || dataDirectory === undefined) return {}
  const { memory, events } = config()
  const mode = memory.keep
  const keepMs = (): number => config().store.turns.keep
  const remembering = mode === 'off' ? undefined : new Remembering({ ...parts, mode, store, keepMs })
  const embedding = remembering && embeddingOf({ config: config(), dataDirectory, ...parts })
  const recaller = remembering && recallerOf({ config: config(), embedding, ...parts })
  const side = new SidePath({
    ...wanted,
    ...parts,
    remembering,
    recaller,
    spoolBytesMax: events.spool,
    giveUp: { afterMs: events.give_up_after, now: parts.clock.now },
    store,
    dataDirectory,
  })
  parts.metrics.setSidePath(() => {
    const standing = side.standing()
    return { ...standing, counters: [...standing.counters, ...(embedding?.questions.counters() ?? [])] }
  })
  return { side, remembering, recaller }
}

function embeddingOf({
  config,
  dataDirectory,
  clock,
  logger,
}: Pick<SideParts, 'clock' | 'logger'> & { readonly config: Config; readonly dataDirectory: string }) {
  return questionEmbedderOf({ config, ownGateway: () => runningGateway(dataDirectory), clock, logger })
}

interface RecallerParts extends Pick<SideParts, 'metrics' | 'clock'> {
  readonly config: Config
  readonly embedding: ConfiguredQuestionEmbedder | undefined
}

function recallerOf({ config, embedding, metrics, clock }: RecallerParts): Recaller {
  return new Recaller({
    embedder: embedding?.questions,
    hasSummaries: config.memory.summaries !== undefined,
    monotonic: clock.monotonic,
    metrics,
    onClose: () => embedding?.close(),
  })
}
