import { formatTable } from './table.ts'

interface Decision {
  readonly model: string
  readonly reason: string
  readonly candidates: readonly Place[]
  readonly fallbacks: readonly {
    readonly model: string
    readonly candidates: readonly Place[]
    readonly reason: string
  }[]
  readonly topic?: { readonly topic: string; readonly score: number; readonly matched: readonly string[] }
  readonly considered?: readonly {
    readonly model: string
    readonly backend?: string
    readonly verdict: string
    readonly why: string
  }[]
}

interface Place {
  readonly backend: string
  readonly model: string
}

/** A routing decision for people. It is the gateway's own answer, so its shape is taken as it is. */
export function formatDecision(decision: unknown): string {
  const { model, reason, candidates, fallbacks, topic, considered = [] } = decision as Decision
  const places = (list: readonly Place[]): string =>
    list
      .map((place) => (place.model === model ? place.backend : `${place.backend} (as ${place.model})`))
      .join(', then ')
  const lines = [`model    ${model}`, `because  ${reason}`, `backend  ${places(candidates)}`]
  if (topic !== undefined) lines.push(`topic    ${topic.topic} by ${topic.matched.join(', ')} (score ${topic.score})`)
  for (const fallback of fallbacks) {
    lines.push(`else     ${fallback.model} on ${places(fallback.candidates)}  (${fallback.reason})`)
  }
  if (considered.length > 0) {
    const rows = considered.map((item) => [item.verdict, item.model, item.backend ?? '', item.why])
    lines.push('', formatTable(['VERDICT', 'MODEL', 'BACKEND', 'WHY'], rows))
  }
  return lines.join('\n')
}
