import type { BackendStanding } from '../core/metrics.ts'
import type { ModelDescription } from '../core/model.ts'
import { formatTable } from './table.ts'

/** How a backend stands, as the admin API tells it. */
export interface ShownBackend extends BackendStanding {
  readonly status: string
  readonly url: string
  readonly kind: string
  readonly trust: string
  readonly version?: string
  readonly slots?: number
  readonly models: readonly ModelDescription[]
  readonly waiting: number
  readonly cause?: string
  readonly lastError?: string
}

/** The gateway's answer; it is our own, so only its outline is checked. */
export function readBackends(reply: unknown): readonly ShownBackend[] {
  const backends: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'backends') : undefined
  return Array.isArray(backends) ? (backends as ShownBackend[]) : []
}

/** One line a backend, then the reasons of those that cannot be used. */
export function formatBackends(backends: readonly ShownBackend[]): string {
  const rows = backends.map((backend) => [
    backend.name,
    backend.status,
    backend.version === undefined ? backend.kind : `${backend.kind} ${backend.version}`,
    backend.trust,
    `${backend.inflight}${backend.slots === undefined ? '' : `/${backend.slots}`}`,
    String(backend.waiting),
    models(backend.models),
    backend.url,
  ])
  const table = formatTable(['NAME', 'STATUS', 'KIND', 'TRUST', 'BUSY', 'WAITING', 'MODELS', 'URL'], rows)
  return [table, ...troubles(backends)].join('\n')
}

function models(described: readonly ModelDescription[]): string {
  const loaded = described.filter(({ isLoaded }) => isLoaded === true).length
  return loaded === 0 || loaded === described.length
    ? String(described.length)
    : `${described.length} (${loaded} loaded)`
}

function troubles(backends: readonly ShownBackend[]): string[] {
  const lines = backends.flatMap(({ name, lastError, breakers }) => [
    ...(lastError === undefined ? [] : [`${name}: ${lastError}`]),
    ...breakers.filter(({ isOpen }) => isOpen).map(({ model }) => `${name}: the breaker of ${model} is open`),
  ])
  return lines.length === 0 ? [] : ['', ...lines]
}
