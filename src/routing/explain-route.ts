import type { Candidate } from '../core/candidate.ts'
import type { Consideration, Verdict } from './consideration.ts'
import type { Picks } from './catalogue-entry.ts'
import type { Decision } from './decision.ts'
import { toReason } from './reason.ts'
import type { ResolvedModel } from './resolved-model.ts'
import type { Rejection } from './route-to.ts'

/** What else there was, for people who ask why: the choice first, then what comes after it, then what was ruled out. */
export function explainRoute({
  decision,
  asked,
  rejections,
}: {
  readonly decision: Decision
  readonly asked: ResolvedModel
  readonly rejections: readonly Rejection[]
}): readonly Consideration[] {
  const { model, candidates, reason, fallbacks } = decision
  const [first, ...others] = candidates
  const chosen = first ? [consider(model, first, 'chosen', reason)] : []
  const equals = others.map((candidate) => consider(model, candidate, 'runner-up', 'can serve it too'))
  const later = fallbacks.flatMap((fallback) =>
    fallback.candidates.map((candidate) => consider(fallback.model, candidate, 'runner-up', fallback.reason)),
  )
  const excluded = rejections.map(({ model, backend, why }) => ({
    model,
    backend,
    verdict: 'excluded' as const,
    why: toReason(why),
  }))
  const listed = [...chosen, ...equals, ...later, ...excluded]
  return distinct([...listed, ...unneededPicks(asked.pick, listed)])
}

function consider(model: string, { backend }: Candidate, verdict: Verdict, why: string): Consideration {
  return { model, backend, verdict, why }
}

/** Picks that another one came before. */
function unneededPicks(picks: Picks | undefined, listed: readonly Consideration[]): readonly Consideration[] {
  const slots = Object.entries<string | undefined>({ ...picks })
  const models = new Set(slots.flatMap(([, model]) => model ?? []))
  for (const { model } of listed) models.delete(model)
  return [...models].map((model) => {
    const names = slots.filter(([, picked]) => picked === model).map(([slot]) => slot)
    return { model, verdict: 'runner-up', why: `pick for ${names.join(' and ')}, not needed` }
  })
}

/** A pick is tried more than once when nothing suits; it is told once. */
function distinct(considerations: readonly Consideration[]): readonly Consideration[] {
  return [
    ...new Map(considerations.map((item) => [`${item.model}\n${item.backend ?? ''}\n${item.why}`, item])).values(),
  ]
}
