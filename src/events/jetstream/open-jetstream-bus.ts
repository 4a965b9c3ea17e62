import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, credsAuthenticator } from '@nats-io/transport-node'

import type { Bus } from '../../core/bus.ts'
import { settledWithin } from '../../core/settled-within.ts'
import { JetStreamBus } from './jetstream-bus.ts'
import { ensureStreams } from './streams.ts'

export interface JetStreamOptions {
  /** Addresses such as `nats://host:4222`, with commas between them; user and password may stand in front of the host. */
  readonly url: string
  /** Paths; what is absent is as this machine has it. */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string }
  /** What stands in a file of credentials. */
  readonly credentials?: Uint8Array
  /** How the connection calls itself in the server's lists. */
  readonly clientName: string
}

export interface OpenedBus extends Bus {
  /** Sends what is on its way, within 5 s. May be called twice. */
  close(): Promise<void>
}

const connectTimeoutMs = 5_000
const requestTimeoutMs = 5_000
const reconnectWaitMs = 500
const closeTimeoutMs = 5_000

/**
 * The bus on a NATS server with JetStream, 2.10 or newer. The streams are made unless they are there; how they are kept
 * (replicas, limits) may be changed by the server's operator. From then on the connection comes back by itself.
 *
 * @throws the client's error when no server answers within 5 s, or it has no JetStream
 */
export async function openJetStreamBus({ url, tls, credentials, clientName }: JetStreamOptions): Promise<OpenedBus> {
  const connection = await connect({
    ...serversOf(url),
    ...(tls !== undefined && { tls }),
    ...(credentials !== undefined && { authenticator: credsAuthenticator(credentials) }),
    name: clientName,
    timeout: connectTimeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
    ignoreClusterUpdates: false,
  })
  const drain = async (): Promise<void> => {
    await settledWithin(connection.drain(), closeTimeoutMs)
    // Without a server a drain fails and leaves the connection looking for one, for ever.
    await settledWithin(connection.close(), closeTimeoutMs)
  }
  try {
    const manager = await jetstreamManager(connection, { timeout: requestTimeoutMs })
    await ensureStreams(manager)
    const client = jetstream(connection, { timeout: requestTimeoutMs })
    const bus = new JetStreamBus({ connection, client, manager, requestTimeoutMs })
    let closing: Promise<void> | undefined
    return Object.assign(bus, { close: () => (closing ??= drain()) })
  } catch (error) {
    await drain()
    throw error
  }
}

/** The client takes credentials apart from addresses, and one pair for all of them. */
function serversOf(url: string): { servers: string[]; user?: string; pass?: string } {
  const addresses = url.split(',').map((one) => new URL(one.trim()))
  const [named] = addresses.filter(({ username }) => username !== '')
  const servers = addresses.map(({ protocol, host }) => `${protocol}//${host}`)
  if (named === undefined) return { servers }
  return { servers, user: decodeURIComponent(named.username), pass: decodeURIComponent(named.password) }
}
