import type { LlmrError } from '../core/error.ts'

/** What of a failure clients of OpenAI's family are told, whatever frames it. */
export function openaiErrorFields(error: LlmrError): {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string
} {
  return {
    message: error.code === 'context_length_exceeded' ? overflowMessage(error) : error.message,
    type: errorType(error.status),
    param: error.facts.param ?? null,
    code: error.code,
  }
}

/** `error.type` for a status, as the SDKs know them. */
function errorType(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 404) return 'not_found_error'
  if (status === 429) return 'rate_limit_error'
  if (status < 500) return 'invalid_request_error'
  return 'server_error'
}

/**
 * The sentence by which agents know that the prompt was too long, and compact it instead of giving up: they match on
 * these words and read both numbers, so it is not ours to improve.
 */
function overflowMessage({ message, facts }: LlmrError): string {
  const { promptTokens, contextLength } = facts.overflow ?? {}
  if (contextLength === undefined) return `The prompt exceeds this model's maximum context length. ${message}`
  const prompt =
    promptTokens === undefined ? 'your prompt is longer' : `your prompt contains ${promptTokens} input tokens`
  return (
    `This model's maximum context length is ${contextLength} tokens. However, ${prompt}. ` +
    'Please reduce the length of the messages.'
  )
}
