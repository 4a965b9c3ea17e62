import type { Config, KeyConfig } from '../config/schema.ts'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { EngineMoment } from '../lifecycle/instance/engine-moment.ts'
import type { SidePathOptions } from './side/side-path.ts'
import type { SimulatedEngineOptions } from '../sim/engine-options.ts'
import type { Store } from '../store/open-store.ts'
import type { LineWriter, ServiceLogger } from '../telemetry/logger.ts'
import type { MetricsRegistry } from '../telemetry/metrics.ts'
import type { ResidencyPlan } from './fleet/residency-plan.ts'

/** What an operator wrote, read anew at every reload. */
export interface GatewayInput {
  readonly config: Config
  /** From the data folder, beside those in the configuration. */
  readonly storedKeys: readonly KeyConfig[]
  /** The models to be started here; absent when there are no profiles. */
  readonly residency?: ResidencyPlan
}

export interface GatewayOptions extends GatewayInput {
  /** Shown to operators; absent when there is none. */
  readonly configFile?: string
  readonly version: string
  readonly commit: string
  /** Where `gateway.json` is left for commands on this machine; absent: nowhere. */
  readonly dataDirectory?: string
  readonly logger: Logger & LineWriter & Pick<ServiceLogger, 'tail'>
  /** Reads configuration and keys anew, for a reload that is asked for over the admin API. */
  readonly load: () => Promise<GatewayInput>
  /** Opens what is remembered, when somebody first needs it; absent: nothing is remembered. */
  readonly openStore?: () => Promise<Store>
  /** What is told of requests after their replies; absent: nothing. Needs the store and the data folder. */
  readonly side?: Pick<SidePathOptions, 'openBroker' | 'workers'>
  readonly createMetrics: (options: { knownModels: () => { has(model: string): boolean } }) => MetricsRegistry
  readonly clock?: Clock
  /** Told what its engines do and when, while they do it; for whoever takes swaps apart. */
  readonly onEngineMoment?: (moment: EngineMoment) => void
  /** Ports of this machine looked at when no backend is configured; by default the engines' usual ones. */
  readonly discoveryPorts?: readonly number[]
  /** How the simulated engine behaves that stands in when nothing else is there; by default like a real one. */
  readonly simulated?: SimulatedEngineOptions
}
