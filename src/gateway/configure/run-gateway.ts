import { backendKinds } from '../../backends/backend-kinds.ts'
import { readBuildInfo } from '../../build-info.ts'
import { ConfigError, formatProblem } from '../../config/config-error.ts'
import { diffConfig } from '../../config/diff-config.ts'
import { type OpenedConfig, openConfig } from '../../config/open-config.ts'
import { ownProfilesFolder } from '../../config/profiles/read-profile-files.ts'
import type { Config } from '../../config/schema.ts'
import { watchFiles } from '../../config/watch-files.ts'
import { type Gateway, startGateway } from '../../gateway.ts'
import type { GatewayInput } from '../gateway-options.ts'
import { policyOfRun } from './load-policy.ts'
import { sideSettings } from './side-settings.ts'
import { storeOpener } from './store-opener.ts'
import { FactsCache } from '../../profiles/fit/facts-cache.ts'
import { residencyPlan } from '../fleet/managed-models.ts'
import type { ResidencyPlan } from '../fleet/residency-plan.ts'
import { expectMeasuredCosts } from '../fleet/swap-costs.ts'
import { createLogger, type ServiceLogger } from '../../telemetry/logger.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import type { WorkerSet } from './worker-surroundings.ts'

/** What the command line says; it wins over the file, at every reload too. */
export interface RunFlags {
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly data?: string
}

export interface RunOptions {
  readonly flags: RunFlags
  readonly version: string
  readonly workers: WorkerSet
  /** Told once, when the gateway answers. */
  readonly onReady: (gateway: Gateway, facts: { configFile: string | undefined }) => void
}

/**
 * Runs a gateway until it is told to stop: loads the configuration, follows its file and SIGHUP, and on SIGTERM or SIGINT
 * lets replies finish. A second signal does not hurry it; the configured bound does.
 *
 * @throws ConfigError, LlmrError or the socket's error when it cannot start
 */
export async function runGateway({ flags, version, workers, onReady }: RunOptions): Promise<void> {
  const facts = new FactsCache()
  const policyOf = policyOfRun()
  const load = async (): Promise<OpenedConfig & { residency: ResidencyPlan | undefined }> => {
    const opened = await openConfig({ flag: flags.config, data: flags.data, backendKinds, checkFiles: true })
    const { config, dataDirectory } = opened
    const policy = await policyOf(config.scheduling.policy)
    const plan = await residencyPlan(config, { dataDirectory, policy, facts })
    const residency = plan && (await expectMeasuredCosts(plan, dataDirectory))
    return { ...opened, config: withFlags(config, flags), residency }
  }

  const input = await load()
  const { location, dataDirectory, keysFile } = input
  const logger = createLogger(input.config.telemetry.log)
  logWarnings(input, logger)
  const { commit } = readBuildInfo()
  if (location.ignored !== undefined) logger.warn(location.ignored, 'a configuration file was passed over')
  const stopping = stopSignal()
  try {
    const gateway = await startGateway({
      ...input,
      load,
      configFile: location.file,
      version,
      commit,
      dataDirectory,
      logger,
      openStore: storeOpener(input, { version, logger }),
      side: sideSettings(input.config, { env: process.env, workers }),
      createMetrics: (options) => createMetrics({ version, commit, ...options }),
    })
    const follow = followConfig({ gateway, load, logger, first: input.config })
    const { file } = location
    const watch = await watchFiles({
      files: file === undefined ? [keysFile] : [file, keysFile],
      folders: file === undefined ? [] : [ownProfilesFolder(file)],
      logger,
      onChange: follow,
    })
    // As everywhere: read the configuration again, and open the log anew in case it was rotated away.
    const onHangup = (): void => {
      logger.reopen()
      follow()
    }
    process.on('SIGHUP', onHangup)
    onReady(gateway, { configFile: location.file })

    const reason = await stopping
    logger.info({ reason, shutdown_timeout_ms: input.config.listen.shutdown_timeout }, 'shutting down')
    process.off('SIGHUP', onHangup)
    await watch.close()
    await gateway.close()
    logger.info({}, 'shut down')
  } finally {
    await logger.close()
  }
}

/** One reload at a time; what is asked for meanwhile is done once, afterwards. */
function followConfig(parts: {
  gateway: Gateway
  load: () => Promise<OpenedConfig & GatewayInput>
  logger: ServiceLogger
  first: Config
}): () => void {
  const { gateway, load, logger } = parts
  let current = parts.first
  let isAskedAgain = false
  let running: Promise<void> | undefined

  const reload = async (): Promise<void> => {
    try {
      const input = await load()
      const { backends, models, keys, needRestart } = diffConfig(current, input.config)
      await gateway.reload(input)
      for (const warning of input.warnings)
        logger.warn({ problem: formatProblem(warning) }, 'the configuration has a flaw')
      current = input.config
      logger.info({ backends, models, keys }, 'the configuration was reloaded')
      if (needRestart.length > 0) logger.warn({ keys: needRestart }, 'these changes need a restart')
    } catch (error) {
      const problem = error instanceof ConfigError ? error.problems.map(formatProblem).join('; ') : String(error)
      gateway.keepOldConfig(problem)
      logger.error({ problem }, 'the new configuration is not usable; the old one stays')
    }
  }
  const follow = (): void => {
    if (running !== undefined) {
      isAskedAgain = true
      return
    }
    running = reload().finally(() => {
      running = undefined
      if (!isAskedAgain) return
      isAskedAgain = false
      follow()
    })
  }
  return follow
}

function logWarnings({ warnings }: OpenedConfig, logger: ServiceLogger): void {
  for (const warning of warnings) logger.warn({ problem: formatProblem(warning) }, 'the configuration has a flaw')
}

function withFlags(config: Config, { host, port }: RunFlags): Config {
  if (host === undefined && port === undefined) return config
  const { listen } = config
  return { ...config, listen: { ...listen, host: host ?? listen.host, port: port ?? listen.port } }
}

/** Resolves with the name of the first signal that asks for an end. Later ones find it under way. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })
}
