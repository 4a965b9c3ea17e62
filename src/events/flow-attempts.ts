import type { FlowStep } from '../core/flow.ts'
import type { RequestRecord, TimelineEntry } from '../core/request-record.ts'

/** What was waited for, asked and made of the reply, in order, as the timeline of a request tells it. */
export function attemptsOf(record: RequestRecord, sent: readonly (string | undefined)[]): readonly FlowStep[] {
  const { timeline, hops, durationMs } = record
  const steps: FlowStep[] = []
  let asked = 0
  let failed = 0
  timeline.forEach((entry, index) => {
    const end = timeline.slice(index + 1).find(({ event }) => endsOf[entry.event]?.has(event))
    const span = {
      startedUs: microseconds(entry.atMs),
      durationUs: microseconds((end?.atMs ?? durationMs) - entry.atMs),
    }
    switch (entry.event) {
      case 'waiting':
        steps.push({ type: 'wait', ...span, hasFailed: end === undefined || undefined })
        return
      case 'sent': {
        const hop = end?.event === 'backend-failed' ? hops[failed++] : undefined
        const digest = sent[asked++]
        steps.push(
          end?.event === 'backend-failed'
            ? {
                type: 'generate',
                ...span,
                hasFailed: true,
                ref: refOf(entry),
                digest,
                facts: { cause: hop?.cause, status: hop?.status },
              }
            : { type: 'generate', ...span, ref: refOf(entry), digest, facts: servedFacts(record) },
        )
        return
      }
      case 'calls-read':
        steps.push({
          type: 'tool',
          startedUs: span.startedUs,
          facts: { calls: Number.parseInt(entry.detail ?? '', 10) || 0 },
        })
    }
  })
  return steps
}

const endsOf: Readonly<Record<string, ReadonlySet<string>>> = {
  waiting: new Set(['admitted', 'sent', 'client-gone']),
  sent: new Set(['backend-failed', 'finished', 'client-gone', 'sent']),
}

/** The backend and its model. */
function refOf({ detail }: TimelineEntry): string | undefined {
  return short(detail)
}

function servedFacts(record: RequestRecord) {
  return {
    time_to_first_byte_ms: record.timeToFirstByteMs === undefined ? undefined : Math.round(record.timeToFirstByteMs),
    prompt_tokens: record.promptTokens,
    cached_tokens: record.cachedTokens,
    completion_tokens: record.completionTokens,
    lane: record.timeline.find(({ event }) => event === 'lane')?.detail,
  }
}

/** Names that clients and engines chose; a long one is known by its beginning. */
export function short(text: string | undefined): string | undefined {
  return text === undefined || text.length <= shortMax ? text : `${text.slice(0, shortMax)}…`
}

const shortMax = 96

export function microseconds(ms: number): number {
  return Math.round(ms * 1000)
}
