import { randomBytes } from 'node:crypto'

import type { Config } from './config/schema.ts'
import { systemClock } from './core/clock.ts'
import type { RequestRecord } from './core/request-record.ts'
import { answerRoute, type LastingStages, type Stages } from './gateway/answer-route.ts'
import { type BuiltStages, buildStages } from './gateway/build-stages.ts'
import { type ConfiguredPolicy, createEdgePolicy } from './gateway/configure/edge-policy.ts'
import { loadAgain } from './gateway/configure/load-again.ts'
import { imageSettings, pulseSettings, serverLimits } from './gateway/configure/settings.ts'
import { readTlsFiles } from './gateway/configure/tls-files.ts'
import type { Engines } from './gateway/fleet/engines.ts'
import type { Fleet } from './gateway/fleet/fleet.ts'
import type { Residency } from './gateway/fleet/residency.ts'
import type { Gateway } from './gateway/gateway-handle.ts'
import type { GatewayInput, GatewayOptions } from './gateway/gateway-options.ts'
import { removeGatewayFile, writeGatewayFile } from './gateway/operating/gateway-file.ts'
import { createEdge, type Edge } from './http/edge.ts'
import type { Exchange } from './http/exchange.ts'
import type { Route } from './http/routes/route.ts'
import { type Server, startServer } from './http/server.ts'
import { writeAccessLine } from './telemetry/access-log.ts'

export type { Gateway }

/**
 * Joins the stages of the request path: edge → intake → routing → forwarding, over a fleet of backends that is checked
 * all the time.
 *
 * @throws the socket's error when the address cannot be bound, LlmrError when it must not be, or a file cannot be read
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new RunningGateway(options)
  try {
    await gateway.start()
  } catch (error) {
    await gateway.close()
    throw error
  }
  return gateway
}

/** A configuration that counts at the moment, and the life of what it is for: start, reload, close. */
class RunningGateway implements Gateway {
  url = ''
  readonly #options: GatewayOptions
  readonly #adminKey = `llmr_${randomBytes(32).toString('base64url')}`
  readonly #built: BuiltStages
  readonly #edge: Edge
  #edgePolicy: ConfiguredPolicy
  #config: Config
  #configProblem: string | undefined
  #server: Server | undefined
  /** Requests that come before every backend was asked once wait for that; health.timeout bounds it. */
  #firstChecks: Promise<void> = Promise.resolve()
  #isChecked = false
  #closing: Promise<void> | undefined

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#config = options.config
    this.#edgePolicy = createEdgePolicy({ ...options, ...this.#policyParts() })
    this.#edge = createEdge(this.#edgePolicy, options.clock ?? systemClock)
    const reload = async (): Promise<void> => this.reload(await loadAgain(options))
    this.#built = buildStages(options, { config: () => this.#config, reload })
  }

  async start(): Promise<void> {
    const { dataDirectory } = this.#options
    const { listen } = this.#config
    const { clock, logger, metrics, instanceId } = this.#stages
    const server = await startServer({
      host: listen.host,
      port: listen.port,
      tls: readTlsFiles(this.#config),
      limits: serverLimits(this.#config),
      clock,
      logger,
      handle: (exchange, path) => this.#handle(exchange, path),
      onStarted: () => metrics.requestStarted(),
      onFinished: (record) => this.#finished(record),
    })
    this.#server = server
    this.url = urlOf(server, listen.tls !== undefined)
    this.#firstChecks = this.#engines.apply(this.#options, server)
    await this.#firstChecks
    this.#isChecked = true
    if (dataDirectory === undefined) return
    const admin_key = this.#adminKey
    writeGatewayFile(dataDirectory, { url: this.url, pid: process.pid, instance_id: instanceId, admin_key })
  }

  get #stages(): LastingStages {
    return this.#built.stages
  }

  get #engines(): Engines {
    return this.#built.engines
  }

  get instanceId(): string {
    return this.#stages.instanceId
  }

  get fleet(): Fleet {
    return this.#stages.fleet
  }

  #handle(exchange: Exchange, path: string): Promise<void> | undefined {
    const admitted = this.#edge.admit(exchange, path)
    if (admitted instanceof Promise) return admitted.then((route) => route && this.#answer(exchange, route))
    return admitted && this.#answer(exchange, admitted)
  }

  #answer(exchange: Exchange, route: Route): Promise<void> {
    return answerRoute(exchange, route, this.#stagesNow())
  }

  #stagesNow(): Stages {
    const config = this.#config
    return {
      ...this.#stages,
      url: this.url,
      exchanges: this.#server?.exchanges ?? [],
      configProblem: this.#configProblem,
      defaultModel: config.routing.default_model,
      isClosing: this.#closing !== undefined,
      isChecked: this.#isChecked,
      firstChecks: this.#firstChecks,
      residency: this.residency(),
      toolcalls: config.toolcalls,
      images: imageSettings(config),
      recall: { mode: config.memory.recall, budget: config.memory.budget },
    }
  }

  #finished(record: RequestRecord): void {
    const { metrics, recent, recordings } = this.#stages
    metrics.requestFinished(record)
    // Pages that are looked at all the time would push out what somebody will ask about.
    if (record.operation !== undefined || record.errorCode !== undefined) recent.add(record)
    writeAccessLine(this.#options.logger, record)
    this.#built.sidePath.side?.tell(record)
    recordings.tell(record)
  }

  async reload(input: GatewayInput): Promise<void> {
    const { config } = input
    const { pulses, recent, router } = this.#stages
    const server = this.#server
    if (server === undefined) return // nobody holds a gateway that does not listen yet
    const before = this.#edgePolicy
    const nextPolicy = createEdgePolicy({ ...input, ...this.#policyParts(), boundHost: server.host, before })
    this.#config = config
    this.#configProblem = undefined
    this.#edge.replace(nextPolicy)
    await before.close(nextPolicy)
    this.#edgePolicy = nextPolicy
    server.setLimits(serverLimits(config))
    pulses.set(pulseSettings(config))
    recent.resize(config.telemetry.recent_requests)
    router.rebuild(config)
    await this.#engines.apply(input, server)
  }

  #policyParts() {
    const { clock = systemClock, logger } = this.#options
    return { adminKey: this.#adminKey, clock, logger }
  }

  keepOldConfig(problem: string): void {
    this.#configProblem = problem
  }

  residency(): Residency | undefined {
    return this.#engines.residency
  }

  isAuthRequired(): boolean {
    return this.#edgePolicy.isAuthRequired
  }

  isSimulated(): boolean {
    return this.#engines.isSimulated
  }

  modelNames(): readonly string[] {
    return this.#stages.router.catalogue.list().map(({ id }) => id)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    const { shutdown_timeout: timeoutMs } = this.#config.listen
    const { dataDirectory } = this.#options
    const { engines, store } = this.#built
    const { side, recaller } = this.#built.sidePath
    const { state, openLogs, recordings, lanes, pulses } = this.#stages
    engines.refuseWaiting()
    if (dataDirectory !== undefined) removeGatewayFile(dataDirectory, this.instanceId)
    state.close()
    openLogs.close()
    recordings.close()
    await side?.endAskers()
    await this.#server?.close(timeoutMs)
    await engines.close(timeoutMs)
    await lanes.close()
    await this.#edgePolicy.close()
    pulses.close()
    await side?.close()
    await recaller?.close()
    await store?.close()
  }
}

function urlOf({ host, port }: Server, isTls: boolean): string {
  return `${isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
