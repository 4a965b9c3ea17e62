import type { AssistantPart } from '../../core/chat/message.ts'
import type { FinishReason, Timings, Usage } from '../../core/chat/reply-part.ts'
import type { Reply } from '../../core/chat/reply.ts'
import { inputOf } from '../tool-input.ts'

export interface ReplyFacts {
  /** The name the client asked for. */
  readonly model: string
  readonly createdAtMs: number
  /** Since then. */
  readonly elapsedMs: () => number
  readonly shape: 'chat' | 'generate'
  readonly showsThinking: boolean
}

/** What one line, or a whole reply, says. */
export interface Said {
  readonly text?: string
  readonly thinking?: string
  readonly calls?: readonly WrittenCall[]
}

export type WrittenCall = Extract<AssistantPart, { type: 'tool-call' }>

/** How a reply ended, and what it took. */
export interface Ending {
  readonly reason: FinishReason
  readonly usage?: Usage
  readonly timings?: Timings
  /** From the request to the first sign of the reply, where there was one. */
  readonly firstSignMs?: number
}

/** A whole reply. */
export function writeReply(reply: Reply, facts: ReplyFacts): object {
  const { finishReason: reason, usage, timings } = reply
  return writeLast(
    {
      text: joined(reply.parts, 'text', 'refusal'),
      thinking: facts.showsThinking ? joined(reply.parts, 'reasoning') : '',
      calls: reply.parts.filter((part) => part.type === 'tool-call'),
    },
    { reason, usage, timings },
    { ...facts, model: facts.model || (reply.model ?? '') },
  )
}

/** A line of a stream that goes on. */
export function writeLine(said: Said, facts: ReplyFacts): object {
  return { ...head(facts), ...body(said, facts), done: false }
}

export function writeLast(said: Said, ending: Ending, facts: ReplyFacts): object {
  return {
    ...head(facts),
    ...body(said, facts),
    done: true,
    done_reason: ending.reason === 'length' ? 'length' : 'stop',
    ...durations(ending, facts.elapsedMs()),
  }
}

/** The answer to a request that wanted nothing said: the model is in memory, or has gone. */
export function writeMoved(moved: 'load' | 'unload', facts: ReplyFacts): object {
  return { ...head(facts), ...body({}, facts), done: true, done_reason: moved }
}

function head({ model, createdAtMs, elapsedMs }: ReplyFacts): object {
  return { model, created_at: new Date(createdAtMs + elapsedMs()).toISOString() }
}

function body({ text = '', thinking = '', calls = [] }: Said, { shape }: ReplyFacts): object {
  const thought = thinking === '' ? {} : { thinking }
  if (shape === 'generate') return { response: text, ...thought }
  const written = calls.length === 0 ? {} : { tool_calls: calls.map(writeCall) }
  return { message: { role: 'assistant', content: text, ...thought, ...written } }
}

/** Arguments are an object here, whatever the model wrote. */
function writeCall({ id, name, argumentsText }: WrittenCall, index: number): object {
  return { id, function: { index, name, arguments: inputOf(argumentsText) } }
}

/**
 * In nanoseconds, and their sum is the whole: clients divide tokens by them. What the engine did not measure is told apart
 * by the first sign of its reply.
 */
function durations({ usage, timings, firstSignMs }: Ending, totalMs: number): object {
  // All of it at once: nobody knows what of the time went where.
  const sinceSignMs = totalMs - (firstSignMs ?? 0) || totalMs
  const completionMs = timings?.completionMs ?? sinceSignMs
  const promptMs = timings?.promptMs ?? 0
  const loadMs = Math.max(0, totalMs - completionMs - promptMs)
  return {
    total_duration: nanoseconds(totalMs),
    load_duration: nanoseconds(loadMs),
    prompt_eval_count: usage?.promptTokens ?? 0,
    prompt_eval_duration: nanoseconds(promptMs),
    eval_count: usage?.completionTokens ?? 0,
    eval_duration: nanoseconds(completionMs),
  }
}

/** Never 0: who divides by it would get nothing finite. */
function nanoseconds(ms: number): number {
  return Math.max(1, Math.round(ms * 1e6))
}

function joined(parts: readonly AssistantPart[], ...types: readonly AssistantPart['type'][]): string {
  return parts.map((part) => (types.includes(part.type) && 'text' in part ? part.text : '')).join('')
}
