import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import { forMethods, type MethodTable, type RouteFamily } from './route.ts'

const dialect = openaiDialect

/** llmr's own API, for operator commands and other gateways. What has no path here is said where it is answered. */
export const adminRoutes: RouteFamily = {
  paths: [
    ['/llmr/v1/state', { GET: { name: 'state', dialect, scope: 'gateway', alsoScope: 'admin', purpose: 'state' } }],
    ['/llmr/v1/record', { GET: { name: 'record', dialect, scope: 'admin', needsKey: true, purpose: 'record' } }],
    ['/llmr/v1/queue', { GET: { name: 'queue', dialect, scope: 'chat', alsoScope: 'admin', purpose: 'queue' } }],
  ],
  prefixes: [{ prefix: '/llmr/v1/', methods: adminResource }],
}

function adminResource(resource: string, method: string): MethodTable {
  return forMethods([method], { name: 'admin', dialect, scope: 'admin', purpose: 'admin', resource })
}
