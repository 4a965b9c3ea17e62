import type { Logger } from '../../../core/logger.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { Intervention } from '../../../toolcalls/prepare/intervention.ts'

/** Nothing is changed silently: in the timeline, the log, the metrics, and to the client. */
export function noteInterventions(
  exchange: Exchange,
  interventions: readonly Intervention[],
  { model, logger, metrics }: { readonly model: string; readonly logger: Logger; readonly metrics: Metrics },
): void {
  const { record } = exchange
  for (const { kind, rule, detail } of interventions) {
    exchange.note(kind, detail)
    metrics.toolcallsIntervened({ kind, rule, model })
    logger.info(
      {
        request_id: record.requestId,
        correlation_id: record.correlationId,
        model,
        intervention: kind,
        rule,
        detail,
      },
      'a request with tools was changed',
    )
  }
  exchange.addHeader('x-llmr-guard', interventions.map(inHeader).join(', '))
}

function inHeader({ kind, rule }: Intervention): string {
  return rule === undefined ? kind : `${kind};rule=${rule}`
}
