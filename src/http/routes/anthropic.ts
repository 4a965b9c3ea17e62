import { anthropicMessagesDialect as dialect } from '../../dialects/anthropic-messages/anthropic-messages-dialect.ts'
import type { MethodTable, RouteFamily } from './route.ts'

const messages: MethodTable = {
  POST: { name: 'messages', dialect, scope: 'chat', purpose: 'operation', operation: 'chat' },
}

const countTokens: MethodTable = {
  POST: { name: 'count-tokens', dialect, scope: 'chat', purpose: 'count-tokens' },
}

/** Anthropic's messages. Also without `/v1`: clients differ in what they call the base. */
export const anthropicRoutes: RouteFamily = {
  paths: [
    ['/v1/messages', messages],
    ['/messages', messages],
    ['/v1/messages/count_tokens', countTokens],
    ['/messages/count_tokens', countTokens],
  ],
}
