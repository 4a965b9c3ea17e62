import type { CheckInput } from './checked.ts'
import type { Finding } from './finding.ts'
import { nearestName } from '../core/nearest-name.ts'

/** Whether the models that work on conversations can be found, and have something to work on. */
export function checkMemory({ config, backendNames }: CheckInput): readonly Finding[] {
  const { embeddings, summaries, keep } = config.memory
  return Object.entries({ embeddings, summaries }).flatMap(([key, model]) => {
    if (model === undefined) return []
    const path = ['memory', key]
    return [...placeOf(model, { path, backendNames }), ...(keep === 'off' ? [nothingKept(path)] : [])]
  })
}

interface Place {
  readonly backend?: string
  readonly url?: string
  readonly api_key?: string
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

function nothingKept(path: readonly string[]): Finding {
  const message = 'has nothing to work on, as nothing is kept; set memory.keep to authenticated or on'
  return { path, at: 'key', code: 'conflict', message }
}
