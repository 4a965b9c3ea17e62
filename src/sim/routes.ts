import { chatCompletions } from './endpoints/chat-completions.ts'
import { infill, nativeCompletion } from './endpoints/native-completion.ts'
import { health, models, props } from './endpoints/server-facts.ts'
import { textCompletions } from './endpoints/text-completions.ts'
import type { Endpoint } from './exchange.ts'

/** An endpoint with what its path named. */
export interface Route {
  readonly endpoint: Endpoint
  readonly parameters: Readonly<Record<string, string | undefined>>
}

export function findRoute({ method, path }: { method: string; path: string }): Route | undefined {
  // The engine answers HEAD wherever it answers GET.
  const endpoint = routes.get(`${method === 'HEAD' ? 'GET' : method} ${path}`)
  if (endpoint) return { endpoint, parameters: {} }
  return undefined
}

const routes: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ...paths('GET', ['/health', '/v1/health'], health),
  ...paths('GET', ['/props'], props),
  ...paths('GET', ['/models', '/v1/models'], models),
  ...paths('POST', ['/chat/completions', '/v1/chat/completions'], chatCompletions),
  ...paths('POST', ['/v1/completions'], textCompletions),
  ...paths('POST', ['/completion', '/completions'], nativeCompletion),
  ...paths('POST', ['/infill'], infill),
])

function paths(method: string, names: readonly string[], endpoint: Endpoint): [string, Endpoint][] {
  return names.map((name) => [`${method} ${name}`, endpoint])
}
