import type { Operation } from '../../core/operation.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import { ollamaEmbedDialect, ollamaEmbeddingsDialect } from '../../dialects/ollama/embed-dialect.ts'
import { ollamaDialect, ollamaPagesDialect } from '../../dialects/ollama/ollama-dialect.ts'
import type { OllamaWish } from './purpose.ts'
import { forMethods, type MethodTable, type Route, type RouteFamily } from './route.ts'

const readMethods = ['GET', 'HEAD']

export const ollamaRoutes: RouteFamily = {
  paths: [
    ['/api/chat', operation('ollama-chat', 'chat', ollamaDialect)],
    ['/api/generate', operation('ollama-generate', 'chat', ollamaDialect)],
    ['/api/embed', operation('ollama-embed', 'embedding', ollamaEmbedDialect)],
    ['/api/embeddings', operation('ollama-embed', 'embedding', ollamaEmbeddingsDialect)],
    ['/api/tags', forMethods(readMethods, page({ type: 'tags' }))],
    ['/api/ps', forMethods(readMethods, page({ type: 'running' }))],
    ['/api/version', forMethods(readMethods, { ...page({ type: 'version' }), scope: undefined })],
    ['/api/show', forMethods(['GET', 'POST'], page({ type: 'show' }))],
    ['/api/pull', { POST: page({ type: 'pull' }) }],
    ['/api/push', { POST: page({ type: 'manage', what: 'push' }) }],
    ['/api/create', { POST: page({ type: 'manage', what: 'create' }) }],
    ['/api/copy', { POST: page({ type: 'manage', what: 'copy' }) }],
    ['/api/delete', { DELETE: page({ type: 'manage', what: 'delete' }) }],
  ],
}

function operation(name: string, of: Operation, dialect: Dialect): MethodTable {
  return { POST: { name, dialect, scope: 'chat', purpose: 'operation', operation: of } }
}

function page(wish: OllamaWish): Route {
  return { name: `ollama-${wish.type}`, dialect: ollamaPagesDialect, scope: 'chat', purpose: 'ollama', wish }
}
