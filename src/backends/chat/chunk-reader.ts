import { at, countAt, listAt, numberAt, textAt } from '../../core/foreign-json.ts'
import { isNestedDeeper } from '../../core/is-nested-deeper.ts'
import { withoutUndefined } from '../../core/without-undefined.ts'
import { LlmrError } from '../../core/error.ts'
import type { FinishReason, ReplyPart, Timings, Usage } from '../../core/chat/reply-part.ts'

/**
 * Reads what an engine says in OpenAI's chat shape, chunk by chunk or as one message. Tolerates what engines do: calls
 * without index or id, names repeated in every delta, arguments as objects, reasoning under two names, a finish reason
 * that says `stop` after a call, usage beside a choice or alone.
 */
export class ChunkReader {
  readonly #mintId: () => string
  readonly #calls: OpenCall[] = []
  #hasStarted = false

  /** @param mintId for calls to which the engine gave no id; unique for as long as clients keep them */
  constructor(mintId: () => string) {
    this.#mintId = mintId
  }

  /** @param kind where a choice holds what is new: in a stream its `delta`, in a whole reply its `message` */
  read(json: unknown, kind: 'delta' | 'message'): ReplyPart[] {
    const problem = errorIn(json)
    if (problem !== undefined) return [{ type: 'error', error: problem }]
    const parts: ReplyPart[] = []
    if (!this.#hasStarted) {
      this.#hasStarted = true
      const model = textAt(json, 'model')
      parts.push({ type: 'start', ...(model !== undefined && { model }) })
    }
    const choice = at(json, 'choices', 0)
    if (choice !== undefined) this.#readChoice(choice, kind, parts)
    else parts.push(...readNative(json))
    const timings = at(json, 'timings')
    const usage = usageOf(at(json, 'usage')) ?? usageOfTimings(timings)
    if (usage !== undefined) parts.push({ type: 'usage', usage })
    const measured = timingsOf(timings)
    if (measured !== undefined) parts.push({ type: 'timings', timings: measured })
    return parts
  }

  #readChoice(choice: unknown, kind: 'delta' | 'message', parts: ReplyPart[]): void {
    const said = at(choice, kind)
    const reasoning = textAt(said, 'reasoning_content') || textAt(said, 'reasoning')
    if (reasoning) parts.push({ type: 'reasoning', text: reasoning })
    const text = contentText(at(said, 'content'))
    if (text !== '') parts.push({ type: 'text', text })
    // A completion of text, which has no message.
    const completed = textAt(choice, 'text')
    if (completed) parts.push({ type: 'text', text: completed })
    const refusal = textAt(said, 'refusal')
    if (refusal) parts.push({ type: 'refusal', text: refusal })
    for (const [position, call] of listAt(said, 'tool_calls').entries()) this.#readCall(call, position, kind, parts)
    const legacy = at(said, 'function_call')
    if (typeof legacy === 'object' && legacy !== null) this.#readCall({ function: legacy }, 0, kind, parts)
    const finish = textAt(choice, 'finish_reason')
    if (finish !== undefined) parts.push({ type: 'finish', reason: this.#finishReason(finish), ...stopOf(choice) })
  }

  /** A name comes once and whole; what arrives of the arguments before it is kept until then. */
  #readCall(call: unknown, position: number, kind: 'delta' | 'message', parts: ReplyPart[]): void {
    const index = numberAt(call, 'index') ?? position
    const id = textAt(call, 'id') || undefined
    const open = this.#callFor({ index, id, isWhole: kind === 'message' })
    const name = textAt(call, 'function', 'name') || undefined
    open.held += argumentsText(at(call, 'function', 'arguments'))
    if (!open.isNamed && name !== undefined) {
      open.isNamed = true
      parts.push({ type: 'call-start', call: open.call, id: open.id ?? `call_${this.#mintId()}`, name })
    }
    if (open.isNamed && open.held !== '') {
      parts.push({ type: 'call-arguments', call: open.call, text: open.held })
      open.held = ''
    }
  }

  /** Some engines give each of several calls the index 0: another id is another call. */
  #callFor({ index, id, isWhole }: { index: number; id: string | undefined; isWhole: boolean }): OpenCall {
    const known = this.#calls.findLast((call) => call.index === index)
    const isOther = id !== undefined && known?.id !== undefined && known.id !== id
    if (known !== undefined && !isOther && !isWhole) {
      known.id ??= id
      return known
    }
    const open: OpenCall = { call: this.#calls.length, index, id, isNamed: false, held: '' }
    this.#calls.push(open)
    return open
  }

  #finishReason(word: string): FinishReason {
    const reason = finishReasons[word] ?? 'stop'
    return reason === 'stop' && this.#calls.some(({ isNamed }) => isNamed) ? 'calls' : reason
  }
}

/** What llama-server says at endpoints of its own: text, and in the end why it stopped. */
function readNative(json: unknown): ReplyPart[] {
  const text = textAt(json, 'content')
  if (text === undefined) return []
  const said: ReplyPart[] = text === '' ? [] : [{ type: 'text', text }]
  if (at(json, 'stop') !== true) return said
  const word = textAt(json, 'stopping_word') || undefined
  const reason = textAt(json, 'stop_type') === 'limit' ? 'length' : 'stop'
  return [...said, { type: 'finish', reason, ...(word !== undefined && { stopSequence: word }) }]
}

interface OpenCall {
  /** The how manyth it is. */
  readonly call: number
  readonly index: number
  id: string | undefined
  isNamed: boolean
  /** Arguments that came before the name. */
  held: string
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'calls',
  function_call: 'calls',
  tool_use: 'calls',
  content_filter: 'filtered',
}

/** vLLM names the stop sequence `stop_reason`; a number there is a token, which tells nobody anything. */
function stopOf(choice: unknown): { stopSequence?: string } {
  const stopSequence = textAt(choice, 'stop_reason')
  return stopSequence === undefined ? {} : { stopSequence }
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.map((part) => textAt(part, 'text') ?? '').join('') : ''
}

const nestingMax = 500

function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value
  // What no request may hold cannot be written either; the call is then one without arguments.
  return value === undefined || value === null || isNestedDeeper(value, nestingMax) ? '' : JSON.stringify(value)
}

function errorIn(json: unknown): LlmrError | undefined {
  const error = at(json, 'error')
  if (error === undefined || error === null || error === false) return undefined
  const message = textAt(error, 'message') ?? (typeof error === 'string' ? error : JSON.stringify(error))
  return new LlmrError('backend_failed', `The engine failed in the middle of its reply: ${message.slice(0, 500)}`)
}

function usageOf(usage: unknown): Usage | undefined {
  const promptTokens = numberAt(usage, 'prompt_tokens')
  const completionTokens = numberAt(usage, 'completion_tokens')
  if (promptTokens === undefined && completionTokens === undefined) return undefined
  return withoutUndefined({
    promptTokens,
    completionTokens,
    cachedTokens: numberAt(usage, 'prompt_tokens_details', 'cached_tokens'),
    reasoningTokens: numberAt(usage, 'completion_tokens_details', 'reasoning_tokens'),
  })
}

/** llama.cpp tells them unasked, where other engines tell nothing. */
function usageOfTimings(timings: unknown): Usage | undefined {
  const read = numberAt(timings, 'prompt_n')
  if (read === undefined) return undefined
  const cachedTokens = numberAt(timings, 'cache_n')
  return withoutUndefined({
    promptTokens: read + (cachedTokens ?? 0),
    completionTokens: countAt(timings, 'predicted_n'),
    cachedTokens,
  })
}

function timingsOf(timings: unknown): Timings | undefined {
  const promptMs = numberAt(timings, 'prompt_ms')
  const completionMs = numberAt(timings, 'predicted_ms')
  return promptMs === undefined && completionMs === undefined ? undefined : withoutUndefined({ promptMs, completionMs })
}
