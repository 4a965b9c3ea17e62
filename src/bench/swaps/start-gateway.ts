import { join } from 'node:path'

import { backendKinds } from '../../backends/backend-kinds.ts'
import { readBuildInfo } from '../../build-info.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { startGateway } from '../../gateway.ts'
import type { ResidencyPlan } from '../../gateway/fleet/residency-plan.ts'
import type { EngineMoment } from '../../lifecycle/instance/engine-moment.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { createMetrics } from '../../telemetry/metrics.ts'

export interface BenchGateway {
  readonly url: string
  /** Ends every engine. May be called twice. */
  close(): Promise<void>
}

/** The whole gateway in this process, on a free port: metrics on, the log in a file of the folder. */
export async function startBenchGateway(parts: {
  /** The models that it starts; absent: none. */
  readonly plan?: ResidencyPlan
  /** The rest of its configuration, as an operator writes it; by default nothing. */
  readonly yaml?: string
  /** For its log. */
  readonly folder: string
  /** For what it keeps of its engines: that of the operator, when the engines are. */
  readonly dataDirectory: string
  readonly onMoment?: (moment: EngineMoment) => void
}): Promise<BenchGateway> {
  const { plan, folder, dataDirectory, onMoment, yaml = '' } = parts
  const { config } = parseConfig({ text: `listen: { port: 0 }\n${yaml}`, file: 'llmr.yaml', backendKinds, env: {} })
  const logger = createLogger({ level: 'info', file: join(folder, 'llmr.log'), format: 'json' })
  const { commit } = readBuildInfo()
  const version = 'bench'
  try {
    const gateway = await startGateway({
      config,
      storedKeys: [],
      residency: plan,
      load: async () => ({ config, storedKeys: [], residency: plan }),
      version,
      commit,
      dataDirectory,
      discoveryPorts: [],
      logger,
      createMetrics: (options) => createMetrics({ version, commit, ...options }),
      onEngineMoment: onMoment,
    })
    let closing: Promise<void> | undefined
    return { url: gateway.url, close: () => (closing ??= gateway.close().finally(() => logger.close())) }
  } catch (error) {
    await logger.close()
    throw error
  }
}
