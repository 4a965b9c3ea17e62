import type { Config } from '../config/schema.ts'
import { systemClock } from '../core/clock.ts'
import { uuidv7 } from '../core/identifier.ts'
import { StoreAccess } from '../store/store-access.ts'
import { createRecentRequests } from '../telemetry/recent-requests.ts'
import type { LastingStages } from './answer-route.ts'
import { pulseSettings, recordingSettings } from './configure/settings.ts'
import { Engines } from './fleet/engines.ts'
import { Fleet } from './fleet/fleet.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { LaneBook } from './lanes/lane-book.ts'
import { OpenStreams } from './operating/open-streams.ts'
import { Recordings } from './operating/recording/recordings.ts'
import { describeState } from './operating/state/describe-state.ts'
import { StateFeed } from './operating/state/state-feed.ts'
import { KeptReplies } from './request/kept-replies.ts'
import { Router } from './request/router.ts'
import { StreamPulses } from './request/stream-pulse.ts'
import { DraftPlans } from './request/toolcalls/draft-plans.ts'
import { type StartedSide, startSidePath } from './side/start-side-path.ts'

/** Logs that are followed at once. */
const openLogsMax = 32

export interface BuiltStages {
  readonly stages: LastingStages
  readonly engines: Engines
  readonly sidePath: StartedSide
  readonly store: StoreAccess | undefined
}

/**
 * Every stage of a gateway, joined and at rest: no backend was asked yet. The caller closes them.
 *
 * @param parts.config what counts at the moment
 * @throws the system's error when a folder in the data directory cannot be used
 */
export function buildStages(
  options: GatewayOptions,
  parts: { readonly config: () => Config; readonly reload: () => Promise<void> },
): BuiltStages {
  const { dataDirectory, logger, clock = systemClock } = options
  const { config, reload } = parts
  const instanceId = uuidv7(clock.now())
  const fleet = new Fleet({
    instanceId,
    clock,
    logger,
    onChanged: () => {
      router.rebuild(config())
      state.touch()
    },
  })
  const engines = new Engines({
    dataDirectory,
    discoveryPorts: options.discoveryPorts,
    simulated: options.simulated,
    fleet,
    clock,
    logger,
    onChanged: () => state.touch(),
    onModelsChanged: () => router.rebuild(config()),
    onMoment: options.onEngineMoment,
    onStretch: (stretch) => metrics.swapPhaseEnded(stretch),
  })
  const router = new Router({ config: config(), fleet, residency: () => engines.residency })
  const state = new StateFeed((before) =>
    describeState({ router, fleet, residency: engines.residency, instanceId }, { before, nowMs: clock.now() }),
  )
  const metrics = options.createMetrics({ knownModels: () => router.knownModels })
  metrics.setFleet(() => ({ backends: fleet.all.map((backend) => backend.standing()) }))
  const store =
    options.openStore &&
    new StoreAccess({ open: options.openStore, clock, logger, requestBudgetMs: config().store.request_timeout })
  const sidePath = startSidePath({ options, config, store, instanceId, metrics, clock, logger })
  const { side, remembering, recaller } = sidePath
  const stages: LastingStages = {
    identity: { service: 'llmr', version: options.version, build: options.commit, instance_id: instanceId },
    instanceId,
    startedAtS: Math.floor(clock.now() / 1000),
    configFile: options.configFile,
    fleet,
    router,
    state,
    pulses: new StreamPulses(pulseSettings(config()), clock.monotonic),
    lanes: new LaneBook({ dataDirectory, mayProbe: () => config().toolcalls.probe, clock, logger }),
    replies: new KeptReplies({ store, keepMs: () => config().store.responses.keep, clock }),
    draftPlans: new DraftPlans(),
    store,
    recaller,
    remembering,
    recorder: side?.recorder,
    flowStore: side && store,
    bus: side && (() => side.bus()),
    sidePath: side && (() => side.standing()),
    recordings: new Recordings({ settings: () => recordingSettings(config()), clock, logger }),
    recent: createRecentRequests(config().telemetry.recent_requests),
    openLogs: new OpenStreams(openLogsMax),
    ownLog: logger.tail,
    clock,
    logger,
    metrics,
    reload,
  }
  return { stages, engines, sidePath, store }
}
