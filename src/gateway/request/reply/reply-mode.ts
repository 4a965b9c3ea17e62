import type { UpstreamHeaders } from '../../../backends/upstream-handler.ts'
import { headerText } from '../passed-headers.ts'

/** What is done with the bytes of an engine's reply: given on at once, kept until whole, or read as the text of a failure. */
export type ReplyMode = 'stream' | 'pipe' | 'hold' | 'refusal'

export function replyModeOf(status: number, headers: UpstreamHeaders): ReplyMode {
  if (status >= 300) return 'refusal'
  const contentType = headerText(headers['content-type'])
  if (contentType.startsWith('text/event-stream')) return 'stream'
  return contentType.startsWith('application/json') ? 'hold' : 'pipe'
}
