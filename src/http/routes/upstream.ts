import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import { forMethods, type MethodTable, type RouteFamily } from './route.ts'

/** An engine itself, by one of its models: whatever path it has, whatever llmr knows of it. */
export const upstreamRoutes: RouteFamily = {
  paths: [],
  prefixes: [{ prefix: '/upstream/', methods: upstream, isVerbatim: true }],
}

function upstream(rest: string, method: string): MethodTable {
  return forMethods([method], { name: 'upstream', dialect: openaiDialect, scope: 'admin', purpose: 'upstream', rest })
}
