import { ChatStreamReader } from '../../../backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../../backends/chat/read-chat-reply.ts'
import { replyOf } from '../../../core/chat/reply.ts'
import { at, listAt, textAt } from '../../../core/foreign-json.ts'
import type { TranscriptRequest } from '../../../dialects/transcript/transcript.ts'
import type { ReplyStart } from '../../../toolcalls/parse/start-state.ts'
import type { HeardReply } from '../recording/heard-replies.ts'

/**
 * What the engine said to a request of a transcript: as `llmr record` writes it, as its plain text, or as the frames of its
 * stream; in a list of messages what stands behind the request. Empty where nothing does.
 *
 * @throws LlmrError for the report of a failure in place of a reply
 */
export function readReplies({ line, answer }: TranscriptRequest): readonly HeardReply[] {
  if (answer !== undefined) {
    const hasCalls = answer.some(({ type }) => type === 'tool-call')
    return [{ parts: answer, finishReason: hasCalls ? 'calls' : 'stop' }]
  }
  const ids = counter('call')
  return [at(line, 'reply'), ...listAt(line, 'more_replies')].flatMap((reply) => readReply(reply, ids) ?? [])
}

/** Names that are the same at every replay. */
export function counter(name: string): () => string {
  let count = 0
  return () => `${name}_${++count}`
}

function readReply(value: unknown, mintId: () => string): HeardReply | undefined {
  if (typeof value === 'string') return { parts: [{ type: 'text', text: value }], finishReason: 'stop' }
  if (Array.isArray(value)) return readFrames(value, mintId)
  const message = at(value, 'message')
  if (message === undefined) return undefined
  const choice = { index: 0, message, finish_reason: textAt(value, 'finish_reason') }
  const reply = readChatReply({ choices: [choice], usage: at(value, 'usage') }, mintId)
  return reply && { ...reply, start: readStart(value) }
}

/** Events as they came, with or without their `data:`. */
function readFrames(frames: readonly unknown[], mintId: () => string): HeardReply {
  const reader = new ChatStreamReader(mintId)
  const parts = frames.flatMap((frame) => {
    const data = typeof frame === 'string' ? frame.replace(/^data:\s?/, '').trim() : JSON.stringify(frame)
    return reader.push(Buffer.from(`data: ${data}\n\n`))
  })
  return replyOf([...parts, ...reader.end()])
}

function readStart(value: unknown): ReplyStart | undefined {
  const state = textAt(value, 'start', 'state')
  const prefix = textAt(value, 'start', 'prefix')
  if (prefix === undefined || (state !== 'text' && state !== 'reasoning' && state !== 'unknown')) return undefined
  return { state, prefix }
}
