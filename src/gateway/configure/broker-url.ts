import type { Config } from '../../config/schema.ts'

/** Where events go: `events.url`, else `NATS_URL`; undefined: they stay in the store. */
export function brokerUrl({ events }: Config, env: Readonly<Record<string, string | undefined>>): string | undefined {
  return events.url ?? (env['NATS_URL'] || undefined)
}
