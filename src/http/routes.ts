import type { Operation } from '../core/operation.ts'
import type { Scope } from '../core/principal.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { openaiChatDialect, openaiDialect } from '../dialects/openai/openai-dialect.ts'
import { LlmrError } from '../core/error.ts'

/** What a path means. `name` is a label of logs and metrics: few, stable, never from the client. */
export type Route = {
  readonly name: string
  readonly dialect: Dialect
  /** What a principal needs; `undefined`: open to everyone. */
  readonly scope: Scope | undefined
} & (
  | { readonly purpose: 'operation'; readonly operation: Operation }
  | { readonly purpose: 'list-models' }
  | { readonly purpose: 'show-model'; readonly model: string }
  | { readonly purpose: 'greeting' }
  | { readonly purpose: 'liveness' }
  | { readonly purpose: 'readiness' }
  | { readonly purpose: 'metrics' }
  | { readonly purpose: 'admin'; readonly resource: string }
)

/** POST paths of OpenAI's family. Every one is also served without `/v1`: clients differ in what they call the base. */
const operationPaths: Readonly<Record<string, Operation>> = {
  '/chat/completions': 'chat',
  '/completions': 'completion',
  '/embeddings': 'embedding',
  '/moderations': 'moderation',
  '/rerank': 'rerank',
  '/reranking': 'rerank',
  '/audio/transcriptions': 'transcription',
  '/audio/translations': 'translation',
  '/audio/speech': 'speech',
  '/images/generations': 'image-generation',
  '/images/edits': 'image-edit',
  '/images/variations': 'image-variation',
}

type MethodTable = Readonly<Record<string, Route>>

const greeting: Route = { name: 'greeting', dialect: openaiDialect, scope: undefined, purpose: 'greeting' }
const listModels: Route = { name: 'models', dialect: openaiDialect, scope: 'chat', purpose: 'list-models' }
const liveness: Route = { name: 'healthz', dialect: openaiDialect, scope: undefined, purpose: 'liveness' }
const readiness: Route = { name: 'readyz', dialect: openaiDialect, scope: undefined, purpose: 'readiness' }
const metrics: Route = { name: 'metrics', dialect: openaiDialect, scope: 'metrics', purpose: 'metrics' }

const table: ReadonlyMap<string, MethodTable> = new Map<string, MethodTable>([
  ['/', { GET: greeting, HEAD: greeting }],
  ['/healthz', { GET: liveness, HEAD: liveness }],
  ['/readyz', { GET: readiness, HEAD: readiness }],
  ['/metrics', { GET: metrics }],
  ['/v1/models', { GET: listModels, HEAD: listModels }],
  ['/models', { GET: listModels, HEAD: listModels }],
  ...Object.entries(operationPaths).flatMap(([path, operation]): [string, MethodTable][] => {
    const route: Route = {
      name: operation,
      dialect: operation === 'chat' ? openaiChatDialect : openaiDialect,
      scope: 'chat',
      purpose: 'operation',
      operation,
    }
    return [
      [path, { POST: route }],
      [`/v1${path}`, { POST: route }],
    ]
  }),
])

const adminPrefix = '/llmr/v1/'
const modelPrefixes = ['/v1/models/', '/models/']

/**
 * The route of a request.
 *
 * @param path without the query; trailing slashes are forgiven.
 * @throws LlmrError `route_not_found` or `method_not_allowed`
 */
export function matchRoute(method: string, path: string): Route {
  const exact = table.get(path)
  if (exact !== undefined) return routeOfMethod(exact, method, path)
  if (path.length > 1 && path.endsWith('/')) return matchRoute(method, withoutTrailingSlashes(path))

  for (const prefix of modelPrefixes) {
    if (path.startsWith(prefix)) return showModel(method, path, path.slice(prefix.length))
  }
  if (path.startsWith(adminPrefix)) {
    const resource = path.slice(adminPrefix.length)
    return { name: 'admin', dialect: openaiDialect, scope: 'admin', purpose: 'admin', resource }
  }
  throw new LlmrError(
    'route_not_found',
    `llmr has no ${path.slice(0, 200)}. It serves /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models, ` +
      '/v1/moderations, /v1/rerank, /v1/audio/* and /v1/images/*.',
  )
}

function showModel(method: string, path: string, encodedModel: string): Route {
  const route: Route = {
    name: 'model',
    dialect: openaiDialect,
    scope: 'chat',
    purpose: 'show-model',
    model: decode(encodedModel),
  }
  return routeOfMethod({ GET: route, HEAD: route }, method, path)
}

function routeOfMethod(methods: MethodTable, method: string, path: string): Route {
  const route = methods[method]
  if (route !== undefined) return route
  const allow = Object.keys(methods).join(', ')
  throw new LlmrError('method_not_allowed', `${path} takes ${allow}; this was ${method}.`, { headers: { allow } })
}

/** Not by a pattern: one that looks for slashes at the end takes seconds over a long path of slashes that has none there. */
function withoutTrailingSlashes(path: string): string {
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end--
  return path.slice(0, end)
}

/** Model ids hold slashes and percent signs; a malformed escape is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
