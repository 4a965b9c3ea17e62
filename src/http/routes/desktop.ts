import { openaiDialect } from '../../dialects/openai/openai-dialect.ts'
import { forMethods, type RouteFamily } from './route.ts'

const dialect = openaiDialect
const readMethods = ['GET', 'HEAD']

/** What desktop routers offer: which models there are, how they stand, and a switch from one to the other. */
export const desktopRoutes: RouteFamily = {
  paths: [
    [
      '/models/available',
      forMethods(readMethods, { name: 'models-available', dialect, scope: 'chat', purpose: 'models-available' }),
    ],
    [
      '/models/status',
      forMethods(readMethods, { name: 'models-status', dialect, scope: 'chat', purpose: 'models-status' }),
    ],
    ['/models/switch', { POST: { name: 'models-switch', dialect, scope: 'admin', purpose: 'models-switch' } }],
  ],
}
