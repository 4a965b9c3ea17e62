/**
 * Every failure that llmr itself reports, with the HTTP status it means. The code is the contract: stable, matched on by
 * programs, listed in docs/failures.md. The message is for people.
 */
export const errorStatus = {
  invalid_request: 400,
  invalid_json: 400,
  context_length_exceeded: 400,
  unauthenticated: 401,
  forbidden: 403,
  model_not_allowed: 403,
  host_not_allowed: 403,
  origin_not_allowed: 403,
  route_not_found: 404,
  model_not_found: 404,
  response_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  body_too_large: 413,
  rate_limited: 429,
  concurrency_limited: 429,
  queue_full: 429,
  backend_rejected: 400,
  internal_error: 500,
  not_supported: 501,
  backend_unreachable: 502,
  backend_failed: 502,
  backend_stream_died: 502,
  no_backend_available: 503,
  store_unavailable: 503,
  queue_timeout: 503,
  load_failed: 503,
  does_not_fit: 503,
  shutting_down: 503,
  backend_timeout: 504,
  hop_loop: 508,
} as const satisfies Record<string, number>

export type ErrorCode = keyof typeof errorStatus

export interface ErrorFacts {
  /** Replaces the code's own status: an engine's 4xx is passed on as it came. */
  readonly status?: number
  /** The request field at fault, as the client named it. */
  readonly param?: string
  /** Whole seconds after which a repeat may succeed. The edge caps what it tells clients. */
  readonly retryAfterSeconds?: number
  /** False: a repeat of the same request cannot succeed. Written as `x-should-retry`, which both big SDKs obey. */
  readonly isRetryable?: boolean
  /** Headers that belong to the failure, such as `www-authenticate` or `allow`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Of `context_length_exceeded`, in tokens: clients know an overflow by words, and each dialect has its own. */
  readonly overflow?: { readonly promptTokens?: number; readonly contextLength?: number }
  readonly cause?: unknown
}

/** The only class of error that becomes a reply as it is; anything else is a bug and becomes `internal_error`. */
export class LlmrError extends Error {
  override readonly name = 'LlmrError'
  readonly code: ErrorCode
  readonly status: number
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.status = facts.status ?? errorStatus[code]
    this.facts = facts
  }
}

/** Whatever was thrown, as something that can be answered; the original stays as `cause` for the log. */
export function toLlmrError(thrown: unknown): LlmrError {
  if (thrown instanceof LlmrError) return thrown
  return new LlmrError('internal_error', 'llmr failed while it handled this request; its log has the cause.', {
    cause: thrown,
  })
}
