import { type BackendFailure, malformedReply } from '../../../backends/failure.ts'
import type { ReplyEnd } from '../../../dialects/openai/read-reply-end.ts'
import { cutOff } from './cut-off.ts'
import type { RelayOptions } from './relay-options.ts'

/** A reply in one piece as its client is to get it, as far as nothing follows it up; or why it is none. */
export function shapeWhole(
  body: Buffer,
  end: ReplyEnd,
  { translation, reshape, url }: Pick<RelayOptions, 'translation' | 'reshape' | 'url'>,
): Buffer | BackendFailure {
  let shaped: Buffer
  try {
    shaped = translation === undefined ? (reshape?.(body) ?? body) : Buffer.from(translation.pushWhole(body))
  } catch {
    return malformedReply(url, 'The backend answered with something that is not JSON.')
  }
  // What goes as bytes is not parsed; an engine that gave up may have closed the connection in good order.
  if (shaped === body && !end.isComplete) return cutOff('the reply ended in the middle', { url, hasReplyBegun: false })
  return shaped
}
