import { startService } from './start-service.ts'

export interface RunningNats {
  readonly url: string
  /** Stops the server if it was started for this. May be called twice. */
  close(): Promise<void>
}

/** A real nats-server with JetStream: the one that `NATS_URL` names, or one that is fetched and started for this. */
export async function realNats(): Promise<RunningNats | { readonly skip: string }> {
  const named = process.env['NATS_URL']
  if (named) return { url: named, close: () => Promise.resolve() }
  const service = await startService('nats.sh')
  if ('skip' in service) return service
  return { url: `nats://127.0.0.1:${service.port}`, close: service.stop }
}
