import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import type { LmStudioWish } from './purpose.ts'
import { decodeName, forMethods, type Route, type RouteFamily } from './route.ts'

const readMethods = ['GET', 'HEAD']

/** LM Studio's lists, of both versions of its API. */
export const lmStudioRoutes: RouteFamily = {
  paths: [
    ['/api/v1/models', forMethods(readMethods, page({ type: 'models' }))],
    ['/api/v0/models', forMethods(readMethods, page({ type: 'earlier-models' }))],
  ],
  prefixes: [
    {
      prefix: '/api/v0/models/',
      methods: (model) => forMethods(readMethods, page({ type: 'earlier-model', model: decodeName(model) })),
    },
  ],
}

function page(wish: LmStudioWish): Route {
  return { name: 'lm-studio-models', dialect: openaiDialect, scope: 'chat', purpose: 'lm-studio', wish }
}
