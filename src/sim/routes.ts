import { chatCompletions } from './endpoints/chat-completions.ts'
import { embeddings, nativeEmbeddings } from './endpoints/embeddings.ts'
import { metrics } from './endpoints/metrics.ts'
import { infill, nativeCompletion } from './endpoints/native-completion.ts'
import { rerank } from './endpoints/rerank.ts'
import { health, models, props } from './endpoints/server-facts.ts'
import { addFaults, clearFaults, listFaults } from './endpoints/sim-faults.ts'
import { actOnSlot, listSlots } from './endpoints/slots.ts'
import { textCompletions } from './endpoints/text-completions.ts'
import { applyTemplate, detokenize, inputTokens, tokenize } from './endpoints/text-tools.ts'
import type { Endpoint } from './exchange.ts'

/** An endpoint with what its path named. */
export interface Route {
  readonly endpoint: Endpoint
  readonly parameters: Readonly<Record<string, string | undefined>>
}

/** The endpoint of a path, as the engine has them; its aliases without `/v1` are not always the same endpoint. */
export function findRoute({ method, path }: { method: string; path: string }): Route | undefined {
  // The engine answers HEAD wherever it answers GET.
  const key = `${method === 'HEAD' ? 'GET' : method} ${path}`
  const slot = /^POST \/slots\/(?<id>[^/]+)$/.exec(key)
  if (slot) return { endpoint: actOnSlot, parameters: { ...slot.groups } }
  const endpoint = routes.get(key)
  return endpoint && { endpoint, parameters: {} }
}

const routes: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ...paths('GET', ['/health', '/v1/health'], health),
  ...paths('GET', ['/props'], props),
  ...paths('GET', ['/models', '/v1/models'], models),
  ...paths('GET', ['/slots'], listSlots),
  ...paths('GET', ['/metrics'], metrics),
  ...paths('POST', ['/chat/completions', '/v1/chat/completions'], chatCompletions),
  ...paths('POST', ['/chat/completions/input_tokens', '/v1/chat/completions/input_tokens'], inputTokens),
  ...paths('POST', ['/v1/completions'], textCompletions),
  ...paths('POST', ['/completion', '/completions'], nativeCompletion),
  ...paths('POST', ['/infill'], infill),
  ...paths('POST', ['/v1/embeddings'], embeddings),
  ...paths('POST', ['/embedding', '/embeddings'], nativeEmbeddings),
  ...paths('POST', ['/rerank', '/reranking', '/v1/rerank', '/v1/reranking'], rerank),
  ...paths('POST', ['/tokenize'], tokenize),
  ...paths('POST', ['/detokenize'], detokenize),
  ...paths('POST', ['/apply-template'], applyTemplate),
  ...paths('GET', ['/sim/faults'], listFaults),
  ...paths('POST', ['/sim/faults'], addFaults),
  ...paths('DELETE', ['/sim/faults'], clearFaults),
])

function paths(method: string, names: readonly string[], endpoint: Endpoint): [string, Endpoint][] {
  return names.map((name) => [`${method} ${name}`, endpoint])
}
