import type { Logger } from '../../../core/logger.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { type ReplyIntervention, replyInterventionKinds } from '../../../toolcalls/reply/reply-intervention.ts'

export interface NoteParts {
  readonly model: string
  readonly logger: Logger
  readonly metrics: Metrics
}

/** Nothing is done to a reply silently: in the timeline, the log, the metrics, and to the client. */
export function noteReply(
  exchange: Exchange,
  { kind, detail }: ReplyIntervention,
  { model, logger, metrics }: NoteParts,
): void {
  const { requestId, correlationId } = exchange.record
  exchange.note(kind, detail)
  metrics.toolcallsIntervened({ kind, model })
  logger.info(
    { request_id: requestId, correlation_id: correlationId, model, intervention: kind, detail },
    'a reply was changed',
  )
  if (exchange.hasBegun) addTrailer(exchange)
  else exchange.addHeader('x-llmr-guard', kind)
}

/** What was done after the head had gone stands behind the last byte. A response keeps only what it was told last. */
function addTrailer({ response, record }: Exchange): void {
  const done = record.timeline.flatMap(({ event }) => (kinds.has(event) ? [event] : []))
  response.addTrailers({ 'x-llmr-guard': [...new Set(done)].join(', ') })
}

const kinds: ReadonlySet<string> = new Set(replyInterventionKinds)
