import type { BackendSettings } from '../core/backend.ts'
import { openConnection } from './connection.ts'
import { detectKind } from './detect-kind.ts'
import { openApi } from './describe-backend.ts'
import { BackendFailure } from './failure.ts'
import { adapters } from './kinds.ts'

export interface DiscoverOptions {
  /** The gateway's own port, so that it does not find itself. */
  readonly skipPorts?: readonly number[]
  /** Default: the usual ports of the engines llmr knows. */
  readonly ports?: readonly number[]
}

/** For all ports together: they are asked at the same time. */
const timeoutMs = 1_000

/**
 * The inference servers that answer on this machine's loopback, within a second. Another llmr is not one of them: two
 * gateways that found each other would send requests in circles.
 */
export async function discoverBackends({ skipPorts = [], ports = usualPorts() }: DiscoverOptions = {}): Promise<
  readonly BackendSettings[]
> {
  const asked = ports.filter((port) => !skipPorts.includes(port))
  const found = await Promise.all(asked.map(lookAt))
  return withUniqueNames(found.filter((settings) => settings !== undefined))
}

function usualPorts(): readonly number[] {
  return adapters.flatMap(({ usualPort }) => usualPort ?? [])
}

async function lookAt(port: number): Promise<BackendSettings | undefined> {
  const settings = settingsFor(`http://127.0.0.1:${port}`, 'auto')
  const connection = openConnection(settings, {
    connectTimeoutMs: timeoutMs,
    firstByteTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
  })
  try {
    const kind = await detectKind(openApi(connection, { timeoutMs }), settings)
    return kind === 'llmr' ? undefined : settingsFor(settings.url, kind)
  } catch (error) {
    // Nothing there, no inference server, or one that wants a key: none of them can be used without being configured.
    if (error instanceof BackendFailure) return undefined
    throw error
  } finally {
    await connection.destroy()
  }
}

function settingsFor(url: string, kind: string): BackendSettings {
  return { name: kind, url, kind, trust: 'local', headers: {}, weight: 1, isPaid: false }
}

/** Two of a kind are told apart by their ports. */
function withUniqueNames(found: readonly BackendSettings[]): readonly BackendSettings[] {
  const counts = Map.groupBy(found, ({ kind }) => kind)
  return found.map((settings) =>
    (counts.get(settings.kind)?.length ?? 0) > 1
      ? { ...settings, name: `${settings.kind}-${new URL(settings.url).port}` }
      : settings,
  )
}
