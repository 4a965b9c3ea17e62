import { backendKinds } from '../../backends/backend-kinds.ts'
import { openConfig } from '../../config/open-config.ts'
import { LlmrError } from '../../core/error.ts'
import { loadPolicy } from '../../gateway/configure/load-policy.ts'
import { residencyPlan } from '../../gateway/fleet/managed-models.ts'
import type { ResidencyPlan } from '../../gateway/fleet/residency-plan.ts'
import { FactsCache } from '../../profiles/fit/facts-cache.ts'
import { readGatewayFile } from '../../gateway/operating/gateway-file.ts'

/**
 * What the operator has configured to be swapped, and where costs are kept.
 *
 * @throws ConfigError, or LlmrError when a gateway runs whose models would be in the way
 */
export async function openSwapBench(flags: { readonly config?: string; readonly data?: string }): Promise<{
  readonly plan: ResidencyPlan | undefined
  readonly dataDirectory: string
}> {
  const { config, dataDirectory } = await openConfig({ flag: flags.config, data: flags.data, backendKinds })
  const running = readGatewayFile(dataDirectory)
  if (running !== undefined && isAlive(running.pid)) {
    throw new LlmrError(
      'invalid_request',
      `A gateway runs on ${running.url}, and its models hold the memory that is to be measured. Stop it first.`,
    )
  }
  const policy = await loadPolicy(config.scheduling.policy)
  return { plan: await residencyPlan(config, { dataDirectory, policy, facts: new FactsCache() }), dataDirectory }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
