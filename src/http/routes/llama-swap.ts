import type { Operation } from '../../core/operation.ts'
import { openaiChatDialect, openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import type { LlamaSwapWish } from './purpose.ts'
import { decodeName, forMethods, type MethodTable, type Route, type RouteFamily } from './route.ts'

const health = open({ type: 'health' })

/** Which there are written after a bare `/v`. */
const versionless: readonly (readonly [path: string, operation: Operation])[] = [
  ['/chat/completions', 'chat'],
  ['/completions', 'completion'],
  ['/embeddings', 'embedding'],
  ['/rerank', 'rerank'],
  ['/reranking', 'rerank'],
]

/** llama-swap's paths, in its shapes; those of models are everybody's and stand with OpenAI's. */
export const llamaSwapRoutes: RouteFamily = {
  paths: [
    ['/health', forMethods(['GET', 'HEAD'], health)],
    ['/wol-health', forMethods(['GET', 'HEAD'], health)],
    ['/running', { GET: forAdmin({ type: 'running' }) }],
    ['/unload', unload({})],
    ['/api/models/unload', { POST: forAdmin({ type: 'unload', isJson: true }) }],
    ['/logs', { GET: forAdmin({ type: 'logs' }) }],
    ['/logs/stream', { GET: forAdmin({ type: 'log-stream' }) }],
    ['/api/events', { GET: forAdmin({ type: 'events' }) }],
    ['/api/metrics/activity', { GET: forAdmin({ type: 'activity' }) }],
    ['/api/metrics/stats', { GET: forAdmin({ type: 'activity-stats' }) }],
    ['/api/profiles', { GET: forAdmin({ type: 'profiles' }) }],
    ['/api/performance', { GET: forAdmin({ type: 'performance' }) }],
    ...versionless.map(([path, operation]): [string, MethodTable] => [`/v${path}`, { POST: forModel(operation) }]),
  ],
  prefixes: [
    { prefix: '/unload/', methods: (model) => unload({ model: decodeName(model) }) },
    {
      prefix: '/api/models/unload/',
      methods: (model) => ({ POST: forAdmin({ type: 'unload', model: decodeName(model) }) }),
    },
    { prefix: '/logs/stream/', methods: (of) => ({ GET: forAdmin({ type: 'log-stream', of: decodeName(of) }) }) },
  ],
}

/** A link on any page can make a browser send a GET, so one that changes something is not taken from just anybody. */
function unload(which: { readonly model?: string }): MethodTable {
  const route = forAdmin({ type: 'unload', ...which })
  return { GET: { ...route, needsKey: true }, POST: route }
}

function forModel(operation: Operation): Route {
  const dialect = operation === 'chat' ? openaiChatDialect : openaiDialect
  return { name: operation, dialect, scope: 'chat', purpose: 'operation', operation }
}

function forAdmin(wish: LlamaSwapWish): Route {
  return { name: `swap-${wish.type}`, dialect: openaiDialect, scope: 'admin', purpose: 'llama-swap', wish }
}

function open(wish: LlamaSwapWish): Route {
  return { ...forAdmin(wish), scope: undefined }
}
