import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import type { LlamaSwapWish } from './purpose.ts'
import { decodeName, forMethods, type MethodTable, type Route, type RouteFamily } from './route.ts'

const health = open({ type: 'health' })

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

function forAdmin(wish: LlamaSwapWish): Route {
  return { name: `swap-${wish.type}`, dialect: openaiDialect, scope: 'admin', purpose: 'llama-swap', wish }
}

function open(wish: LlamaSwapWish): Route {
  return { ...forAdmin(wish), scope: undefined }
}
