import { readFile } from 'node:fs/promises'

import type { Config } from '../../config/schema.ts'
import type { ClosableBus } from '../../events/bus-access.ts'

/**
 * How to reach the broker that events go to: `events.url`, else `NATS_URL`. Undefined: they stay in the store. Its client is
 * loaded, and its files are read, when it is opened, and each time anew.
 */
export function brokerOpener(
  { events }: Pick<Config, 'events'>,
  env: Readonly<Record<string, string | undefined>>,
): (() => Promise<ClosableBus>) | undefined {
  const url = events.url ?? (env['NATS_URL'] || undefined)
  if (url === undefined) return undefined
  return async () => {
    const { openJetStreamBus } = await import('../../events/jetstream/open-jetstream-bus.ts')
    const { tls, credentials } = events
    return openJetStreamBus({
      url,
      clientName: 'llmr',
      ...(tls !== undefined && { tls: { caFile: tls.ca, certFile: tls.cert, keyFile: tls.key } }),
      ...(credentials !== undefined && { credentials: await readFile(credentials) }),
    })
  }
}
