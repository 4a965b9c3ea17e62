import { formatTable } from '../../../cli/table.ts'
import type { Intervention, InterventionKind } from '../../../toolcalls/prepare/intervention.ts'
import type { TranscriptReplay } from './replay-transcripts.ts'

/** Many transcripts for people: a line for each. */
export function formatSummary(replays: readonly TranscriptReplay[]): string {
  const rows = replays.map(({ id, model, requests }) => {
    const done = requests.flatMap(({ number, interventions }) => interventions.map((what) => ({ ...what, number })))
    const byGuard = done.filter(({ rule }) => rule !== undefined)
    const rules = new Set(byGuard.map(({ rule }) => rule))
    return [
      id,
      model ?? '–',
      String(requests.length),
      byGuard.length === 0 ? '–' : `${Array.from(rules).join(', ')}: ${told(byGuard)}`,
      told(done.filter(({ rule }) => rule === undefined)) || '–',
    ]
  })
  return formatTable(['RUN', 'MODEL', 'REQUESTS', 'GUARD', 'WHAT ELSE IS DONE'], rows)
}

/** `nudge in 5, replays-collapsed in 3-13`: each kind with the requests in which it was done. */
function told(done: readonly (Intervention & { readonly number: number })[]): string {
  const kinds = Map.groupBy(done, ({ kind }): InterventionKind => kind)
  return Array.from(kinds, ([kind, list]) => `${kind} in ${spans(list.map(({ number }) => number))}`).join(', ')
}

function spans(numbers: readonly number[]): string {
  const starts = numbers.filter((number) => !numbers.includes(number - 1))
  return starts
    .map((start) => {
      let end = start
      while (numbers.includes(end + 1)) end++
      return start === end ? String(start) : `${start}–${end}`
    })
    .join(' ')
}
