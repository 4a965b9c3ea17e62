import type { Operation } from '../../core/operation.ts'
import { openaiChatDialect, openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import type { LmStudioWish } from './purpose.ts'
import { decodeName, forMethods, type Route, type RouteFamily } from './route.ts'

const readMethods = ['GET', 'HEAD']

/** LM Studio's lists, of both versions of its API, and what its earlier one takes as OpenAI's does. */
export const lmStudioRoutes: RouteFamily = {
  paths: [
    ['/api/v1/models', forMethods(readMethods, page({ type: 'models' }))],
    ['/api/v0/models', forMethods(readMethods, page({ type: 'earlier-models' }))],
    ['/api/v0/chat/completions', { POST: operation('chat') }],
    ['/api/v0/completions', { POST: operation('completion') }],
    ['/api/v0/embeddings', { POST: operation('embedding') }],
  ],
  prefixes: [
    {
      prefix: '/api/v0/models/',
      methods: (model) => forMethods(readMethods, page({ type: 'earlier-model', model: decodeName(model) })),
    },
  ],
}

function operation(of: Operation): Route {
  const dialect = of === 'chat' ? openaiChatDialect : openaiDialect
  return { name: of, dialect, scope: 'chat', purpose: 'operation', operation: of }
}

function page(wish: LmStudioWish): Route {
  return { name: 'lm-studio-models', dialect: openaiDialect, scope: 'chat', purpose: 'lm-studio', wish }
}
