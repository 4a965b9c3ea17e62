import type { BackendFailure } from '../../backends/failure.ts'
import type { Candidate } from '../../core/candidate.ts'
import type { Logger } from '../../core/logger.ts'
import type { Metrics } from '../../core/metrics.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { Attempt, AttemptFailure } from '../../resilience/attempt-plan.ts'
import type { BackendRuntime } from '../fleet/backend-runtime.ts'
import type { RelayOutcome } from './reply/relay-options.ts'

/** Who is told how attempts went, beside the backend itself. */
export interface TellingParts {
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Tells everyone who keeps count how it went. A failure that is given back may be followed by another attempt. */
export function settleAttempt(parts: {
  exchange: Exchange
  attempt: Attempt
  backend: BackendRuntime
  outcome: RelayOutcome
  startedAtMs: number
  parts: TellingParts
}): AttemptFailure | undefined {
  const { exchange, attempt, backend, outcome, startedAtMs } = parts
  const { record } = exchange
  const { model } = attempt.candidate
  switch (outcome.kind) {
    case 'served':
      backend.served(model, record.requestId)
      exchange.note('finished')
      return undefined
    case 'client-gone':
      backend.lost(model, record.requestId)
      exchange.note('client-gone')
      return undefined
    case 'broken':
    case 'failed': {
      const durationMs = Math.round(exchange.elapsedMs() - startedAtMs)
      noteFailure(parts, outcome.failure, durationMs)
      backend.failed(model, record.requestId, outcome.failure, durationMs)
      return outcome.kind === 'broken' ? undefined : outcome.failure
    }
  }
}

/** No hop and no mark against the backend: the client has a reply from it. */
export function noteLostFollowUp(
  { exchange, candidate, parts }: { exchange: Exchange; candidate: Candidate; parts: TellingParts },
  { causeClass: cause, url, status, message, excerpt }: BackendFailure,
): void {
  const { requestId, correlationId } = exchange.record
  const { backend, model } = candidate
  exchange.note('follow-up-failed', cause)
  parts.metrics.backendFailed({ backend, model, cause })
  parts.logger.warn(
    {
      request_id: requestId,
      correlation_id: correlationId,
      backend,
      model,
      url,
      cause,
      status,
      error: message,
      excerpt,
    },
    'a reply was to be followed up, and is given as it stands',
  )
}

/** In the record, the timeline, the metrics and the log. */
export function noteFailure(
  { exchange, attempt, parts }: { exchange: Exchange; attempt: Attempt; parts: TellingParts },
  failure: BackendFailure,
  durationMs: number,
): void {
  const { record } = exchange
  const { backend, model } = attempt.candidate
  const { causeClass: cause, url, status, message, excerpt, code } = failure
  if (record.hops.length < 10) record.hops.push({ backend, model, url, cause, status, message, durationMs })
  exchange.note('backend-failed', `${backend}: ${cause}`)
  parts.metrics.backendFailed({ backend, model, cause })
  parts.logger.warn(
    {
      request_id: record.requestId,
      correlation_id: record.correlationId,
      backend,
      model,
      url,
      cause,
      status,
      error_code: code,
      error: message,
      excerpt,
      duration_ms: durationMs,
    },
    'a backend did not serve a request',
  )
}
