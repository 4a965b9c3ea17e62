import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import { forMethods, type RouteFamily } from './route.ts'

const dialect = openaiDialect
const readMethods = ['GET', 'HEAD']

/** What people, probes and monitors look at. */
export const pageRoutes: RouteFamily = {
  paths: [
    ['/', forMethods(readMethods, { name: 'greeting', dialect, scope: undefined, purpose: 'greeting' })],
    ['/healthz', forMethods(readMethods, { name: 'healthz', dialect, scope: undefined, purpose: 'liveness' })],
    ['/readyz', forMethods(readMethods, { name: 'readyz', dialect, scope: undefined, purpose: 'readiness' })],
    ['/metrics', { GET: { name: 'metrics', dialect, scope: 'metrics', purpose: 'metrics' } }],
  ],
}
