import type { ReplayedRequest } from './replay-transcripts.ts'

/** What kind of request it is, and which task of a client's own. */
export function kindOf({ classification: { kind, backgroundTask } }: ReplayedRequest): string {
  return backgroundTask ?? kind
}

export function ruleOf({ rule, count, threshold }: ReplayedRequest): string {
  return rule === undefined ? '–' : `${rule} ${count} of ${threshold}`
}

export function doneTo({ interventions }: ReplayedRequest): string {
  if (interventions.length === 0) return '–'
  return interventions.map(({ kind, rule, detail }) => (rule === undefined ? `${kind} (${detail})` : kind)).join(', ')
}

/** `final`: there were tools, and none are offered any more. */
export function laneOf({ lane, came }: ReplayedRequest): string {
  return lane ?? (came.tools.length > 0 ? 'final' : '–')
}
