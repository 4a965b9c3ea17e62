import { readFlows } from '../../cli/format-flow.ts'
import type { Flow } from '../../core/flow.ts'
import { Flows } from '../../store/flows.ts'
import { askRunningGateway } from './ask-running-gateway.ts'
import { withStore } from './with-store.ts'

export interface FindFlowsOptions {
  readonly id: string
  readonly url?: string
  readonly config?: string
  readonly data?: string
}

const flowsMax = 100

/**
 * Asks the gateway, which may hold the store and knows of requests that are on their way there; where none runs, the store.
 *
 * @throws CliError, ConfigError, StoreError
 */
export async function findFlows({ id, ...options }: FindFlowsOptions): Promise<readonly Flow[]> {
  try {
    const path = `flows?id=${encodeURIComponent(id)}`
    return readFlows(await askRunningGateway({ ...options, path, timeoutMs: 20_000 }))
  } catch (error) {
    if (options.url !== undefined || !isWithoutGateway(error)) throw error
    return withStore(options, ({ query }) => new Flows(query).find({ id, most: flowsMax }))
  }
}

/** None has left word, or the one that did was killed. */
export function isWithoutGateway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'gateway_not_running' || code === 'gateway_unreachable'
}
