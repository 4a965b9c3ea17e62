import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import { forMethods, type MethodTable, type RouteFamily } from './route.ts'

/** llmr's own API, for operator commands. Which resource takes which method is said where they are answered. */
export const adminRoutes: RouteFamily = {
  paths: [],
  prefixes: [{ prefix: '/llmr/v1/', methods: adminResource }],
}

function adminResource(resource: string, method: string): MethodTable {
  return forMethods([method], { name: 'admin', dialect: openaiDialect, scope: 'admin', purpose: 'admin', resource })
}
