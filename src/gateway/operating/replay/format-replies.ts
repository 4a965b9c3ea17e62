import type { Reply } from '../../../core/chat/reply.ts'
import type { ReplayedReply } from './replay-reply.ts'
import type { ReplayedRequest } from './replay-transcripts.ts'

/** What becomes of a reply, in a cell of a table. */
export function replyDone({ reply }: ReplayedRequest): string {
  if (reply === undefined || reply.steps.length === 0) return '–'
  return reply.steps.map(({ kind, detail }) => (kind === 'calls-read' ? `${kind} ${detail}` : kind)).join(', ')
}

/** Step by step: by what it was read, what was done, what the client hears. */
export function replyLines({ number, lane, reply, unlike }: ReplayedRequest): string[] {
  if (reply === undefined) return []
  const read = reply.format === undefined ? 'as it comes' : `as ${reply.format}, lane ${lane}`
  return [
    `reply ${number}, read ${read}:`,
    ...reply.steps.map(({ kind, detail }) => `  ${kind.padEnd(kindWidth)}  ${shown(detail)}`),
    ...(reply.isUnanswered ? [`  ${'unanswered'.padEnd(kindWidth)}  the transcript has no more of it`] : []),
    ...toldLines(reply).map((line) => `  ${line}`),
    ...unlikeLines(unlike),
  ]
}

export function unlikeLines(unlike: ReplayedRequest['unlike']): string[] {
  if (unlike === undefined) return []
  return [
    `  ${'recorded'.padEnd(kindWidth)}  ${unlike.length === 0 ? 'nothing was done' : unlike.map(shown).join(', ')}`,
  ]
}

const kindWidth = 16

function toldLines({ told }: ReplayedReply): string[] {
  return partLines(told).map((line) => `${'the client hears'.padEnd(kindWidth)}  ${shown(line)}`)
}

function partLines({ parts }: Reply): string[] {
  return parts.map((part) => {
    if (part.type === 'tool-call') return `→ ${part.name} ${part.argumentsText}`
    const length = part.text.length
    return part.type === 'reasoning' ? `(a thought of ${length} characters)` : part.text
  })
}

/** Characters, in one line; what a model says may hold codes that a terminal obeys. */
const lengthMax = 160

function shown(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const line = text.replaceAll(/\s+/g, ' ').replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '·')
  return line.length > lengthMax ? `${line.slice(0, lengthMax)}…` : line
}
