import type { Operation } from '../../core/operation.ts'
import { fimDialect } from '../../dialects/openai/fim/fim-dialect.ts'
import { openaiDialect as dialect } from '../../dialects/openai/openai-dialect.ts'
import type { LlamaServerWish } from './purpose.ts'
import { forMethods, type MethodTable, type Route, type RouteFamily } from './route.ts'

const readMethods = ['GET', 'HEAD']

/** llama-server's own paths; those that it shares with OpenAI stand there. */
export const llamaServerRoutes: RouteFamily = {
  paths: [
    ['/v1', forMethods(readMethods, { name: 'greeting', dialect, scope: undefined, purpose: 'greeting' })],
    ['/props', forMethods(readMethods, page('props'))],
    ['/v1/props', forMethods(readMethods, page('props'))],
    ['/slots', forMethods(readMethods, page('slots'))],
    ['/v1/health', forMethods(readMethods, { ...page('health'), scope: undefined })],
    ['/version', forMethods(readMethods, { ...page('version'), scope: undefined })],
    ['/completion', operation('native-completion')],
    ['/infill', operation('infill')],
    ...['/tokenize', '/detokenize', '/apply-template'].map((path): [string, MethodTable] => [
      path,
      { POST: { name: 'engine-tool', dialect, scope: 'chat', purpose: 'engine-tool', path } },
    ]),
    ...['/v1/fim/completions', '/fim/completions'].map((path): [string, MethodTable] => [
      path,
      { POST: { name: 'fim', dialect: fimDialect, scope: 'chat', purpose: 'operation', operation: 'chat' } },
    ]),
  ],
}

function page(wish: LlamaServerWish): Route {
  return { name: `server-${wish}`, dialect, scope: 'chat', purpose: 'llama-server', wish }
}

function operation(of: Operation): MethodTable {
  return { POST: { name: of, dialect, scope: 'chat', purpose: 'operation', operation: of } }
}
