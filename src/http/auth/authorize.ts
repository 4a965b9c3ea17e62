import { LlmrError } from '../../core/error.ts'
import type { Principal, Scope } from '../../core/principal.ts'

/**
 * @param or another scope that will do
 * @throws LlmrError `forbidden`. No scope includes another: a key that runs models cannot unload them.
 */
export function requireScope(principal: Principal, scope: Scope, or: Scope = scope): void {
  if (principal.scopes.has(scope) || principal.scopes.has(or)) return
  const held = principal.scopes.size === 0 ? 'none' : [...principal.scopes].join(', ')
  throw new LlmrError(
    'forbidden',
    `This needs the scope ${scope}; "${principal.id}" has ${held}. ` +
      `The operator makes a key that has it with \`llmr keys create NAME --scope ${scope}\`.`,
    { isRetryable: false },
  )
}

/**
 * Asked with every name a request could end at: the one the client sent, and the one that routing chose for it.
 *
 * @throws LlmrError `model_not_allowed`. Says nothing of whether there is such a model.
 */
export function requireModel(principal: Principal, model: string): void {
  if (mayUseModel(principal, model)) return
  throw new LlmrError(
    'model_not_allowed',
    `"${principal.id}" may not use the model "${shorten(model)}". GET /v1/models lists those it may use.`,
    { param: 'model', isRetryable: false },
  )
}

/** For lists: which names to show. */
export function mayUseModel(principal: Principal, model: string): boolean {
  return principal.mayUseModel === undefined || principal.mayUseModel(model)
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`
}
