import { formatTable } from '../../../cli/table.ts'
import type { LoopRule } from '../../../toolcalls/loop/loop-finding.ts'
import type { ReplyStep } from './replay-reply.ts'
import type { TranscriptReplay } from './replay-transcripts.ts'

interface Done {
  readonly kind: string
  readonly rule: LoopRule | undefined
  /** Of the request. */
  readonly number: number
}

/** Many transcripts for people: a line for each. */
export function formatSummary(replays: readonly TranscriptReplay[]): string {
  const rows = replays.map(({ id, model, requests }) => {
    const done = requests.flatMap(({ number, interventions, reply }) => [
      ...interventions.map(({ kind, rule }): Done => ({ kind, rule, number })),
      ...(reply?.steps ?? []).filter(isDone).map(({ kind }): Done => ({ kind, rule: undefined, number })),
    ])
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

/** That calls were read is seen by what had to be done about them. */
function isDone({ kind }: ReplyStep): boolean {
  return kind !== 'calls-read' && kind !== 'wrong'
}

/** `nudge in 5, replays-collapsed in 3-13`: each kind with the requests in which it was done. */
function told(done: readonly Done[]): string {
  const kinds = Map.groupBy(done, ({ kind }) => kind)
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
