import { LlmrError } from '../../core/error.ts'
import { openaiResponsesDialect as dialect } from '../../dialects/openai-responses/openai-responses-dialect.ts'
import type { StoredResponseWish } from './purpose.ts'
import { decodeName, forMethods, type MethodTable, type Route, type RouteFamily } from './route.ts'

const create: MethodTable = {
  POST: { name: 'responses', dialect, scope: 'chat', purpose: 'operation', operation: 'chat' },
}

const countTokens: MethodTable = {
  POST: { name: 'count-tokens', dialect, scope: 'chat', purpose: 'count-tokens' },
}

/** OpenAI's responses. Also without `/v1`: clients differ in what they call the base. */
export const responsesRoutes: RouteFamily = {
  paths: [
    ['/v1/responses', create],
    ['/responses', create],
    ['/v1/responses/input_tokens', countTokens],
    ['/responses/input_tokens', countTokens],
  ],
  prefixes: ['/v1/responses/', '/responses/'].map((prefix) => ({ prefix, methods: ofOne })),
}

function ofOne(rest: string): MethodTable {
  const [encodedId = '', part, ...more] = rest.split('/')
  const id = decodeName(encodedId)
  if (part === undefined) {
    return { ...forMethods(['GET', 'HEAD'], stored({ type: 'show', id })), DELETE: stored({ type: 'delete', id }) }
  }
  if (more.length === 0 && part === 'input_items') return { GET: stored({ type: 'input-items', id }) }
  if (more.length === 0 && part === 'cancel') return { POST: stored({ type: 'cancel', id }) }
  throw new LlmrError('route_not_found', 'Of a response, llmr serves /input_items and /cancel.')
}

function stored(wish: StoredResponseWish): Route {
  return { name: `response-${wish.type}`, dialect, scope: 'chat', purpose: 'stored-response', wish }
}
