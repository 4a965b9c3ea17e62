import type { CheckInput } from './checked.ts'
import type { Finding } from './finding.ts'
import { nearestName } from '../core/nearest-name.ts'
import { isWider, type TrustZone } from '../core/trust.ts'
import { trustOfUrl } from '../core/trust-of-url.ts'
import type { Config } from './schema.ts'

/** Whether the models that work on conversations can be found, and have something to work on. */
export function checkMemory({ config, backendNames }: CheckInput): readonly Finding[] {
  const { embeddings, summaries, keep } = config.memory
  return Object.entries({ embeddings, summaries }).flatMap(([key, model]) => {
    if (model === undefined) return []
    const path = ['memory', key]
    return [
      ...placeOf(model, { path, backendNames }),
      ...zoneOf(model, { path, config }),
      ...(keep === 'off' ? [nothingKept(path)] : []),
    ]
  })
}

interface Place {
  readonly backend?: string
  readonly url?: string
  readonly api_key?: string
  readonly may_leave: TrustZone
}

function placeOf(
  { backend, url, api_key: apiKey }: Place,
  { path, backendNames }: { readonly path: readonly string[]; readonly backendNames: readonly string[] },
): readonly Finding[] {
  if (backend !== undefined && url !== undefined)
    return [{ path: [...path, 'url'], code: 'conflict', message: 'expected backend or url, got both; take one away' }]
  if (apiKey !== undefined && url === undefined) {
    const message = 'has no effect without url; a backend has its own api_key'
    return [{ path: [...path, 'api_key'], at: 'key', code: 'conflict', message }]
  }
  if (backend === undefined || backendNames.includes(backend)) return []
  const near = nearestName(backend, backendNames)
  const known = backendNames.length === 0 ? 'none is configured' : `there are ${backendNames.join(', ')}`
  const hint = near === undefined ? known : `did you mean "${near}"?`
  const message = `no backend is named ${JSON.stringify(backend)}; ${hint}`
  return [{ path: [...path, 'backend'], code: 'unknown_name', message }]
}

/** What was said to a model in one zone must not be sent to another in a wider one, unless the operator says so. */
function zoneOf(
  { backend = '', url, may_leave: mayLeave }: Place,
  { path, config }: { readonly path: readonly string[]; readonly config: Config },
): readonly Finding[] {
  const named = config.backends[backend]
  const address = url ?? named?.url
  if (address === undefined) return []
  const zone = (url === undefined ? named?.trust : undefined) ?? trustOfUrl(address)
  if (!isWider(zone, mayLeave)) return []
  const message =
    `conversations would be sent to ${new URL(address).host}, which is ${zone}; set may_leave to ${zone} to allow it, or ` +
    'name another server'
  return [{ path: [...path, url === undefined ? 'backend' : 'url'], code: 'conflict', message }]
}

function nothingKept(path: readonly string[]): Finding {
  const message = 'has nothing to work on, as nothing is kept; set memory.keep to authenticated or on'
  return { path, at: 'key', code: 'conflict', message }
}
