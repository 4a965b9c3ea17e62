import type { Usage } from '../../core/chat/reply-part.ts'
import type { LlmrError } from '../../core/error.ts'
import { openaiErrorFields } from '../openai-error.ts'
import { responseId } from './item-ids.ts'
import type { ResponseFacts } from './response-facts.ts'

export interface ResponseState {
  readonly model: string
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  readonly incomplete_details?: { readonly reason: string } | null
  readonly output: readonly object[]
  readonly usage?: Usage
  readonly error?: LlmrError
  /** False: the client asked for it, and it could not be done. */
  readonly isKept: boolean
}

/** The response object, as it stands. */
export function writeResponse(facts: ResponseFacts, state: ResponseState): Record<string, unknown> {
  const { model, status, output, usage, error, incomplete_details = null, isKept } = state
  return {
    id: responseId(facts.requestId),
    object: 'response',
    created_at: Math.floor(facts.createdAtMs / 1000),
    status,
    error: error === undefined ? null : failure(error),
    incomplete_details,
    model,
    ...facts.echo,
    store: facts.echo['store'] === true && isKept,
    output,
    // At the end it is always there, and never null: SDKs check for both.
    ...((usage !== undefined || status === 'completed' || status === 'incomplete') && { usage: writeUsage(usage) }),
  }
}

/** Agents know an overflow by its code. */
function failure(error: LlmrError): object {
  const { code, message } = openaiErrorFields(error)
  return { code, message }
}

/** What the engine does not count is 0. */
function writeUsage(usage: Usage = {}): object {
  const { promptTokens = 0, completionTokens = 0, cachedTokens = 0, reasoningTokens = 0 } = usage
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: promptTokens + completionTokens,
  }
}
