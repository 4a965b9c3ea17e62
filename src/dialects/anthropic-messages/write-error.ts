import type { LlmrError } from '../../core/error.ts'

/** What of a failure clients are told, beside the type `error` that body and event share. */
export function errorFields(error: LlmrError, requestId: string): object {
  const message = error.code === 'context_length_exceeded' ? overflowMessage(error) : error.message
  return { error: { type: errorType(error.status), message }, request_id: requestId }
}

/**
 * The same inside a stream, where no status says what may pass: programs on the AI SDK try again after this type only, and
 * give up at every other.
 */
export function streamErrorFields(error: LlmrError, requestId: string): object {
  const fields = errorFields(error, requestId)
  return error.status < 502 ? fields : { ...fields, error: { type: 'overloaded_error', message: error.message } }
}

/** As the SDKs know them. 529 is what this dialect has for "overloaded", where others say 503. */
function errorType(status: number): string {
  const known = errorTypes[status]
  if (known !== undefined) return known
  return status < 500 ? 'invalid_request_error' : 'api_error'
}

const errorTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** Agents know an overflow by these words and read both numbers; then they compact, instead of giving up. */
function overflowMessage({ message, facts }: LlmrError): string {
  const { promptTokens, contextLength } = facts.overflow ?? {}
  if (contextLength === undefined) return `prompt is too long: ${message}`
  return `prompt is too long: ${promptTokens ?? `more than ${contextLength}`} tokens > ${contextLength} maximum`
}
