import type { BackendSettings } from '../../core/backend.ts'
import type { ModelDescription } from '../../core/model.ts'

export type ProbeStep = 'reach' | 'context' | 'chat' | 'tools' | 'lane' | 'vision' | 'embedding' | 'rerank'

/** `finding`: it works, but not as one would want. `skipped`: left out on purpose, for the reason given. */
export type ProbeOutcome = 'passed' | 'finding' | 'failed' | 'skipped'

export interface ProbeCheck {
  readonly step: ProbeStep
  /** Absent where the whole backend was looked at. */
  readonly model?: string
  readonly outcome: ProbeOutcome
  /** One sentence for people: what was seen, and what to do about it. */
  readonly detail: string
  /** Figures by name, units last. */
  readonly measured?: Readonly<Record<string, number>>
}

export interface ProbeReport {
  readonly name: string
  readonly url: string
  readonly trust: BackendSettings['trust']
  readonly kind?: string
  readonly version?: string
  readonly slots?: number
  readonly verdict: ProbeVerdict
  readonly checks: readonly ProbeCheck[]
  readonly models: readonly ModelDescription[]
}

export type ProbeVerdict = 'fine' | 'findings' | 'failed'

/** The worst of the checks. */
export function verdictOf(checks: readonly ProbeCheck[]): ProbeVerdict {
  if (checks.some(({ outcome }) => outcome === 'failed')) return 'failed'
  return checks.some(({ outcome }) => outcome === 'finding') ? 'findings' : 'fine'
}
