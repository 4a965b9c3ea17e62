import { listAt } from '../../../core/foreign-json.ts'
import { interventionKinds } from '../../../toolcalls/prepare/intervention.ts'
import { replyInterventionKinds } from '../../../toolcalls/reply/reply-intervention.ts'

interface Done {
  readonly kind: string
  readonly detail: string
}

/**
 * What a recording says was done to its request and reply, where that is not what is done here, in this order; undefined where it is
 * the same, or the line does not say.
 */
export function differenceFrom(line: unknown, done: readonly Done[]): readonly string[] | undefined {
  const timeline = listAt(line, 'timeline')
  if (timeline.length === 0) return undefined
  const recorded = lastAttempt(timeline).flatMap((entry): string[] => {
    const [, kind, detail] = Array.isArray(entry) ? entry.map(String) : []
    return kind !== undefined && compared.has(kind) ? [written({ kind, detail: detail ?? '' })] : []
  })
  const here = done.filter(({ kind }) => compared.has(kind)).map(written)
  return recorded.join('\n') === here.join('\n') ? undefined : recorded
}

/** A plan is drafted by a model, which nobody asks here. */
const compared = new Set<string>([...interventionKinds, ...replyInterventionKinds, 'calls-read'])
compared.delete('planned')

/** Before it was sent, and since it was sent for the last time: what came of backends that failed is forgotten. */
function lastAttempt(timeline: readonly unknown[]): readonly unknown[] {
  const isSent = (entry: unknown): boolean => Array.isArray(entry) && entry[1] === 'sent'
  const first = timeline.findIndex(isSent)
  return first === -1 ? timeline : [...timeline.slice(0, first), ...timeline.slice(timeline.findLastIndex(isSent))]
}

function written({ kind, detail }: Done): string {
  return `${kind} ${detail}`.trim()
}
