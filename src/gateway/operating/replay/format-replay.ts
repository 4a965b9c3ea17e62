import { formatTable } from '../../../cli/table.ts'
import { type DiffLine, lineDiff, withContext } from './line-diff.ts'
import { doneTo, kindOf, laneOf, ruleOf } from './replay-words.ts'
import type { TranscriptReplay } from './replay-transcripts.ts'
import { requestLines } from './request-lines.ts'

/** One transcript for people: a line for each request, and with `showsSent` what is changed in each. */
export function formatReplay({ id, model, requests }: TranscriptReplay, options: { showsSent: boolean }): string {
  const rows = requests.map((request) => [
    String(request.number),
    kindOf(request),
    String(request.came.messages.length),
    String(request.rounds),
    ruleOf(request),
    laneOf(request),
    doneTo(request),
  ])
  const table = formatTable(['REQUEST', 'KIND', 'MESSAGES', 'ROUNDS', 'RULE', 'LANE', 'WHAT IS DONE'], rows)
  const changed = options.showsSent ? requests.filter(({ came, sent }) => came !== sent) : []
  const sent = changed.map(
    ({ number, came, sent: to }) => `\nrequest ${number}:\n${formatDiff(requestLines(came), requestLines(to))}`,
  )
  return [model === undefined ? id : `${id}  (${model})`, table, ...sent].join('\n')
}

export interface ReplayDifference {
  readonly id: string
  readonly request: number
  /** In a few words, what is done now and what would be done then; equal where only the lane or the words differ. */
  readonly before: string
  readonly after: string
  /** From what is sent now to what would be sent then. */
  readonly sent: readonly DiffLine[]
}

/** The requests that two configurations treat otherwise, or of which they send something else. */
export function replayDifferences(before: TranscriptReplay, after: TranscriptReplay): ReplayDifference[] {
  return before.requests.flatMap((request, index) => {
    const other = after.requests[index]
    if (other === undefined) return []
    const sent = withContext(lineDiff(requestLines(request.sent), requestLines(other.sent)), contextLines)
    const [was, would] = [request, other].map((one) => `${doneTo(one)}, lane ${laneOf(one)}`)
    if (was === undefined || would === undefined || (sent.length === 0 && was === would)) return []
    return [{ id: before.id, request: request.number, before: was, after: would, sent }]
  })
}

const contextLines = 2

export function formatDifference({ id, request, before, after, sent }: ReplayDifference): string {
  return [`${id}, request ${request}`, `  now   ${before}`, `  then  ${after}`, ...sent.map(formatLine)].join('\n')
}

function formatDiff(before: readonly string[], after: readonly string[]): string {
  return withContext(lineDiff(before, after), contextLines).map(formatLine).join('\n')
}

/** Characters of a line: a prompt may be one of a hundred thousand. */
const lineMax = 400

function formatLine({ sign, text }: DiffLine): string {
  return `  ${sign} ${text.length > lineMax ? `${text.slice(0, lineMax)}…` : text}`.trimEnd()
}
