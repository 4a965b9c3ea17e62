import type { Config } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { MetricsRegistry } from '../../telemetry/metrics.ts'
import type { StoreAccess } from '../../store/store-access.ts'
import type { GatewayOptions } from '../gateway-options.ts'
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
}

/** @throws the system's error when the spool's folder cannot be used */
export function startSidePath({ options, config, store, ...parts }: SideParts): StartedSide {
  const { side: wanted, dataDirectory } = options
  if (wanted === undefined || store === undefined || dataDirectory === undefined) return {}
  const { memory, events } = config()
  const mode = memory.keep
  const keepMs = (): number => config().store.turns.keep
  const remembering = mode === 'off' ? undefined : new Remembering({ ...parts, mode, store, keepMs })
  const side = new SidePath({ ...wanted, ...parts, remembering, spoolBytesMax: events.spool, store, dataDirectory })
  parts.metrics.setSidePath(() => side.standing())
  return { side, remembering }
}
