import type { Config } from '../../config/schema.ts'
import type { WorkerSet } from './worker-surroundings.ts'
import type { SidePathOptions } from '../side/side-path.ts'
import { brokerOpener } from './broker-opener.ts'

/**
 * What is told of requests, and to whom. Undefined where nobody would listen: nothing is to be kept, and there is no broker
 * to which others may listen; then the store is not even opened for it.
 */
export function sideSettings(
  config: Config,
  { env, workers }: { readonly env: Readonly<Record<string, string | undefined>>; readonly workers: WorkerSet },
): Pick<SidePathOptions, 'openBroker' | 'workers'> | undefined {
  const openBroker = brokerOpener(config, env)
  if (openBroker === undefined && config.memory.keep === 'off') return undefined
  return {
    workers: (surroundings) => workers({ ...surroundings, config }),
    openBroker,
  }
}
