import { LlmrError } from '../core/error.ts'
import { adminRoutes } from './routes/admin.ts'
import { anthropicRoutes } from './routes/anthropic.ts'
import { desktopRoutes } from './routes/desktop.ts'
import { llamaServerRoutes } from './routes/llama-server.ts'
import { llamaSwapRoutes } from './routes/llama-swap.ts'
import { lmStudioRoutes } from './routes/lm-studio.ts'
import { ollamaRoutes } from './routes/ollama.ts'
import { openaiRoutes } from './routes/openai.ts'
import { pageRoutes } from './routes/pages.ts'
import { responsesRoutes } from './routes/responses.ts'
import { upstreamRoutes } from './routes/upstream.ts'
import { webRoutes } from './routes/web.ts'
import type { MethodTable, Route, RouteFamily, RoutePrefix } from './routes/route.ts'

/** Where two families begin a path alike, the earlier counts. An exact path comes before every prefix. */
export const routeFamilies: readonly RouteFamily[] = [
  pageRoutes,
  webRoutes,
  adminRoutes,
  llamaSwapRoutes,
  upstreamRoutes,
  desktopRoutes,
  openaiRoutes,
  responsesRoutes,
  anthropicRoutes,
  ollamaRoutes,
  lmStudioRoutes,
  llamaServerRoutes,
]

const table: ReadonlyMap<string, MethodTable> = new Map(routeFamilies.flatMap(({ paths }) => paths))
const prefixes: readonly RoutePrefix[] = routeFamilies.flatMap((family) => family.prefixes ?? [])

/**
 * The route of a request.
 *
 * @param path without the query; trailing slashes are forgiven.
 * @throws LlmrError `route_not_found` or `method_not_allowed`
 */
export function matchRoute(method: string, path: string): Route {
  const exact = table.get(path)
  if (exact !== undefined) return routeOfMethod(exact, method, path)
  const known = prefixes.find(({ prefix }) => path.startsWith(prefix))
  const isVerbatim = known?.isVerbatim === true
  if (!isVerbatim && path.length > 1 && path.endsWith('/')) return matchRoute(method, withoutTrailingSlashes(path))
  if (known !== undefined) return routeOfMethod(known.methods(path.slice(known.prefix.length), method), method, path)
  const meant = knownEnd(path)
  const hint =
    meant === undefined
      ? 'It serves /v1/chat/completions, /v1/responses, /v1/messages, /v1/completions, /v1/embeddings, /v1/models, /v1/moderations, ' +
        '/v1/rerank, /v1/audio/*, /v1/images/*, and the paths of Ollama, LM Studio and llama-server.'
      : `Did you mean ${meant}? The base address that a client is given may have too much behind the port.`
  throw new LlmrError('route_not_found', `llmr has no ${path.slice(0, 200)}. ${hint}`)
}

/** What of a path is one of llmr's: `/openai/v1/models` ends with `/v1/models`. The longest such end. */
function knownEnd(path: string): string | undefined {
  if (path.length > comparedLengthMax) return undefined
  for (let at = path.indexOf('/', 1); at !== -1; at = path.indexOf('/', at + 1)) {
    const end = path.slice(at)
    if (end.length > 1 && table.has(end)) return end
  }
  return undefined
}

/** A path of a client's that was meant for llmr is no longer. */
const comparedLengthMax = 200

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
