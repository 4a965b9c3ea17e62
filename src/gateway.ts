import { randomBytes } from 'node:crypto'

import { systemClock } from './core/clock.ts'
import { uuidv7 } from './core/identifier.ts'
import type { RequestRecord } from './core/request-record.ts'
import { answerRoute, type Stages } from './gateway/answer-route.ts'
import { loadAgain } from './gateway/configure/load-again.ts'
import { createEdgePolicy } from './gateway/configure/edge-policy.ts'
import { Engines } from './gateway/fleet/engines.ts'
import { Fleet } from './gateway/fleet/fleet.ts'
import type { Gateway } from './gateway/gateway-handle.ts'
import type { GatewayInput, GatewayOptions } from './gateway/gateway-options.ts'
import { removeGatewayFile, writeGatewayFile } from './gateway/operating/gateway-file.ts'
import type { Identity } from './gateway/operating/health-pages.ts'
import { Recordings } from './gateway/operating/recording/recordings.ts'
import { OpenStreams } from './gateway/operating/open-streams.ts'
import { describeState } from './gateway/operating/state/describe-state.ts'
import { StateFeed } from './gateway/operating/state/state-feed.ts'
import { LaneBook } from './gateway/lanes/lane-book.ts'
import { KeptReplies } from './gateway/request/kept-replies.ts'
import { DraftPlans } from './gateway/request/toolcalls/draft-plans.ts'
import { Router } from './gateway/request/router.ts'
import { imageSettings, pulseSettings, recordingSettings, serverLimits } from './gateway/configure/settings.ts'
import { startSidePath } from './gateway/side/start-side-path.ts'
import { StreamPulses } from './gateway/request/stream-pulse.ts'
import { readTlsFiles } from './gateway/configure/tls-files.ts'
import { StoreAccess } from './store/store-access.ts'
import { createEdge } from './http/edge.ts'
import type { Exchange } from './http/exchange.ts'
import { startServer } from './http/server.ts'
import { writeAccessLine } from './telemetry/access-log.ts'
import { createRecentRequests } from './telemetry/recent-requests.ts'

export type { Gateway }

/** Logs that are followed at once. */
const openLogsMax = 32

/**
 * Joins the stages of the request path: edge → intake → routing → forwarding, over a fleet of backends that is checked
 * all the time.
 *
 * @throws the socket's error when the address cannot be bound, LlmrError when it must not be, or a file cannot be read
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { logger, clock = systemClock } = options
  const instanceId = uuidv7(clock.now())
  const adminKey = `llmr_${randomBytes(32).toString('base64url')}`
  const identity: Identity = {
    service: 'llmr',
    version: options.version,
    build: options.commit,
    instance_id: instanceId,
  }
  const startedAtS = Math.floor(clock.now() / 1000)
  let { config } = options
  let configProblem: string | undefined
  let isClosing = false
  let isChecked = false

  let edgePolicy = createEdgePolicy({ ...options, adminKey, clock, logger })
  const edge = createEdge(edgePolicy, clock)
  const fleet = new Fleet({
    instanceId,
    clock,
    logger,
    onChanged: () => {
      router.rebuild(config)
      state.touch()
    },
  })
  const engines = new Engines({
    dataDirectory: options.dataDirectory,
    discoveryPorts: options.discoveryPorts,
    simulated: options.simulated,
    fleet,
    clock,
    logger,
    onChanged: () => state.touch(),
    onModelsChanged: () => router.rebuild(config),
    onMoment: options.onEngineMoment,
    onStretch: (stretch) => metrics.swapPhaseEnded(stretch),
  })
  const router = new Router({ config, fleet, residency: () => engines.residency })
  const state = new StateFeed((before) => {
    return describeState({ router, fleet, residency: engines.residency, instanceId }, { before, nowMs: clock.now() })
  })
  const openLogs = new OpenStreams(openLogsMax)
  const recordings = new Recordings({ settings: () => recordingSettings(config), clock, logger })
  const pulses = new StreamPulses(pulseSettings(config), clock.monotonic)
  const store =
    options.openStore &&
    new StoreAccess({
      open: options.openStore,
      clock,
      logger,
      requestBudgetMs: config.store.request_timeout,
    })
  const draftPlans = new DraftPlans()
  const replies = new KeptReplies({ store, keepMs: () => config.store.responses.keep, clock })
  const lanes = new LaneBook({
    dataDirectory: options.dataDirectory,
    mayProbe: () => config.toolcalls.probe,
    clock,
    logger,
  })
  const recent = createRecentRequests(config.telemetry.recent_requests)
  const metrics = options.createMetrics({ knownModels: () => router.knownModels })
  metrics.setFleet(() => ({ backends: fleet.all.map((backend) => backend.standing()) }))
  const { side, remembering, recaller } = startSidePath({
    options,
    config: () => config,
    store,
    instanceId,
    metrics,
    clock,
    logger,
  })
  const stages = (): Stages => ({
    identity,
    instanceId,
    url,
    startedAtS,
    configFile: options.configFile,
    configProblem,
    defaultModel: config.routing.default_model,
    isClosing,
    isChecked,
    firstChecks,
    fleet,
    residency: engines.residency,
    router,
    pulses,
    toolcalls: config.toolcalls,
    lanes,
    images: imageSettings(config),
    replies,
    draftPlans,
    store,
    recaller,
    recall: { mode: config.memory.recall, budget: config.memory.budget },
    remembering,
    recorder: side?.recorder,
    recordings,
    flowStore: side && store,
    bus: side && (() => side.bus()),
    recent,
    state,
    openLogs,
    ownLog: logger.tail,
    clock,
    logger,
    metrics,
    reload: reloadNow,
  })

  function handle(exchange: Exchange, path: string): Promise<void> | undefined {
    const admitted = edge.admit(exchange, path)
    if (admitted instanceof Promise) return admitted.then((route) => route && answerRoute(exchange, route, stages()))
    return admitted && answerRoute(exchange, admitted, stages())
  }

  const server = await startServer({
    host: config.listen.host,
    port: config.listen.port,
    tls: readTlsFiles(config),
    limits: serverLimits(config),
    clock,
    logger,
    handle,
    onStarted: () => metrics.requestStarted(),
    onFinished: (record: RequestRecord) => {
      metrics.requestFinished(record)
      // Pages that are looked at all the time would push out what somebody will ask about.
      if (record.operation !== undefined || record.errorCode !== undefined) recent.add(record)
      writeAccessLine(logger, record)
      side?.tell(record)
      recordings.tell(record)
    },
  })
  const scheme = config.listen.tls === undefined ? 'http' : 'https'
  const url = `${scheme}://${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`

  // Requests that come before every backend was asked once wait for that; health.timeout bounds it.
  const firstChecks = engines.apply(options, server)
  await firstChecks
  isChecked = true

  if (options.dataDirectory !== undefined) {
    writeGatewayFile(options.dataDirectory, { url, pid: process.pid, instance_id: instanceId, admin_key: adminKey })
  }

  async function reload(input: GatewayInput): Promise<void> {
    const nextPolicy = createEdgePolicy({
      ...input,
      boundHost: server.host,
      adminKey,
      clock,
      logger,
      before: edgePolicy,
    })
    config = input.config
    configProblem = undefined
    edge.replace(nextPolicy)
    await edgePolicy.close(nextPolicy)
    edgePolicy = nextPolicy
    server.setLimits(serverLimits(config))
    pulses.set(pulseSettings(config))
    recent.resize(config.telemetry.recent_requests)
    router.rebuild(config)
    await engines.apply(input, server)
  }

  // Hoisted: requests come while the first checks are under way.
  async function reloadNow(): Promise<void> {
    await reload(await loadAgain(options))
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    isClosing = true
    engines.refuseWaiting()
    if (options.dataDirectory !== undefined) removeGatewayFile(options.dataDirectory, instanceId)
    state.close()
    openLogs.close()
    recordings.close()
    await side?.endAskers()
    await server.close(config.listen.shutdown_timeout)
    await engines.close(config.listen.shutdown_timeout)
    await lanes.close()
    await edgePolicy.close()
    pulses.close()
    await side?.close()
    await recaller?.close()
    await store?.close()
  }

  return {
    url,
    instanceId,
    fleet,
    residency: () => engines.residency,
    isAuthRequired: () => edgePolicy.isAuthRequired,
    isSimulated: () => engines.isSimulated,
    modelNames: () => router.catalogue.list().map(({ id }) => id),
    reload,
    keepOldConfig: (problem) => {
      configProblem = problem
    },
    close: () => (closing ??= close()),
  }
}
