import type { Config } from '../../config/schema.ts'
import type { StoreAccess } from '../../store/store-access.ts'
import type { WorkerDefinition } from '../../core/worker-definition.ts'
import type { SidePathOptions } from '../side/side-path.ts'
import { brokerUrl } from './broker-url.ts'

/** Makes the workers that a gateway runs itself. Handed in, since they know this folder and not the other way round. */
export type WorkerSet = (store: StoreAccess, config: Config) => readonly WorkerDefinition[]

/**
 * What is told of requests, and to whom. Undefined where nobody would listen: nothing is to be kept, and there is no broker
 * to which others may listen; then the store is not even opened for it.
 */
export function sideSettings(
  config: Config,
  { env, workers }: { readonly env: Readonly<Record<string, string | undefined>>; readonly workers: WorkerSet },
): Pick<SidePathOptions, 'openBroker' | 'workers'> | undefined {
  const url = brokerUrl(config, env)
  if (url === undefined && config.memory.keep === 'off') return undefined
  return { workers: (store) => workers(store, config), openBroker: url === undefined ? undefined : brokerOpener(url) }
}

export function brokerOpener(url: string) {
  return async () => {
    const { openJetStreamBus } = await import('../../events/jetstream/open-jetstream-bus.ts')
    return openJetStreamBus({ url, clientName: 'llmr' })
  }
}
