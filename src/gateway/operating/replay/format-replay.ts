import { formatTable } from '../../../cli/table.ts'
import { type DiffLine, lineDiff, withContext } from './line-diff.ts'
import { replyDone, replyLines, unlikeLines } from './format-replies.ts'
import { doneTo, kindOf, laneOf, ruleOf } from './replay-words.ts'
import type { ReplayedRequest, TranscriptReplay } from './replay-transcripts.ts'
import { requestLines } from './request-lines.ts'

/**
 * One transcript for people: a line for each request, with `showsSent` what is changed in each, and with `showsReplies` what
 * becomes of each reply.
 */
export function formatReplay(
  { id, model, requests }: TranscriptReplay,
  options: { readonly showsSent: boolean; readonly showsReplies: boolean },
): string {
  const hasReplies = requests.some((request) => replyDone(request) !== '–')
  const rows = requests.map((request) => [
    String(request.number),
    kindOf(request),
    String(request.came.messages.length),
    String(request.rounds),
    ruleOf(request),
    laneOf(request),
    doneTo(request),
    ...(hasReplies ? [replyDone(request)] : []),
  ])
  const heads = ['REQUEST', 'KIND', 'MESSAGES', 'ROUNDS', 'RULE', 'LANE', 'WHAT IS DONE']
  const table = formatTable([...heads, ...(hasReplies ? ['WHAT BECOMES OF THE REPLY'] : [])], rows)
  const changed = options.showsSent ? requests.filter(({ came, sent }) => came !== sent) : []
  const sent = changed.map(
    ({ number, came, sent: to }) => `\nrequest ${number}:\n${formatDiff(requestLines(came), requestLines(to))}`,
  )
  const replies = options.showsReplies
    ? requests.map((request) => ['', ...replyLines(request)])
    : unlikeRecorded(requests)
  return [model === undefined ? id : `${id}  (${model})`, table, ...sent, ...replies.flat()].join('\n')
}

/** A configuration, or a recording that was cut, may be why. */
function unlikeRecorded(requests: readonly ReplayedRequest[]): string[][] {
  return requests.flatMap(({ number, unlike }) =>
    unlike === undefined
      ? []
      : [[`request ${number} is treated otherwise than the recording says:`, ...unlikeLines(unlike)]],
  )
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
    const [was, would] = [request, other].map((one) => `${doneTo(one)}${replyWords(one)}, lane ${laneOf(one)}`)
    if (was === undefined || would === undefined || (sent.length === 0 && was === would)) return []
    return [{ id: before.id, request: request.number, before: was, after: would, sent }]
  })
}

function replyWords(request: ReplayedRequest): string {
  const done = replyDone(request)
  return done === '–' ? '' : `; reply: ${done}`
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
