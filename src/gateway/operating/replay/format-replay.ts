import { formatTable } from '../../../cli/table.ts'
import type { ReplayReport, TranscriptReplay } from './replay-transcripts.ts'

/** One transcript for people: a line for each request. */
export function formatReplay({ id, model, steps }: TranscriptReplay, options: { showsSent: boolean }): string {
  const title = `${id}${model === null ? '' : `  (${model})`}`
  const rows = steps.map((step) => [
    String(step.request),
    String(step.messages),
    String(step.rounds),
    ruleOf(step),
    doneTo(step),
  ])
  const table = formatTable(['REQUEST', 'MESSAGES', 'ROUNDS', 'RULE', 'WHAT IS DONE'], rows)
  const sent = options.showsSent ? steps.flatMap(sentOf) : []
  return [title, table, ...sent].join('\n')
}

/** The requests that two configurations treat otherwise. */
export function formatReplayDiff(before: TranscriptReplay, after: TranscriptReplay): string | undefined {
  const rows = before.steps.flatMap((step, index) => {
    const other = after.steps[index]
    if (other === undefined || doneTo(step) === doneTo(other)) return []
    return [[String(step.request), doneTo(step), doneTo(other)]]
  })
  return rows.length === 0 ? undefined : `${before.id}\n${formatTable(['REQUEST', 'NOW', 'THEN'], rows)}`
}

function ruleOf({ rule, count, threshold }: ReplayReport): string {
  return rule === undefined ? '–' : `${rule} ${count} of ${threshold}`
}

function doneTo({ interventions }: ReplayReport): string {
  if (interventions.length === 0) return '–'
  return interventions.map(({ kind, rule, detail }) => (rule === undefined ? `${kind} (${detail})` : kind)).join(', ')
}

/** The end of what would be sent: that is where something is said to the model. */
function sentOf({ request, sent }: ReplayReport): string[] {
  if (sent === undefined) return []
  const tools = sent.tools.length === 0 ? 'no tools' : `tools ${sent.tools.join(', ')}`
  return [
    `\nrequest ${request}: ${sent.messages.length} messages, ${tools}; the last:`,
    JSON.stringify(sent.messages.at(-1)),
  ]
}
