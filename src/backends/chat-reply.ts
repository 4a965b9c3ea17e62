import { at, countAt, listAt, numberAt, parseForeignJson, textAt } from '../core/foreign-json.ts'

export interface ChatToolCall {
  readonly name: string
  /** JSON as the model wrote it, which need not be valid. */
  readonly arguments: string
}

export interface ChatUsage {
  readonly promptTokens?: number
  readonly completionTokens?: number
}

/** An engine's own measurement, where it gives one. */
export interface ChatTimings {
  readonly prefillTokensPerSecond?: number
  readonly decodeTokensPerSecond?: number
}

/** One chat reply, put together from the events of a stream or read from a whole reply. */
export class ChatReply {
  text = ''
  /** What a reasoning model thought before it answered. */
  reasoning = ''
  finishReason: string | undefined
  usage: ChatUsage | undefined
  timings: ChatTimings | undefined
  /** The end was announced, by a finish reason or the end marker. */
  isComplete = false
  /** Set when the engine reported a failure inside its reply. */
  error: string | undefined
  readonly #toolCalls = new Map<number, { name: string; arguments: string }>()

  get toolCalls(): readonly ChatToolCall[] {
    return [...this.#toolCalls.values()]
  }

  get length(): number {
    let length = this.text.length + this.reasoning.length
    for (const { arguments: written } of this.#toolCalls.values()) length += written.length
    return length
  }

  /** @returns whether the model itself said something in it. */
  addEvent(data: string): boolean {
    if (data === '[DONE]') {
      this.isComplete = true
      return false
    }
    const event = parseForeignJson(data)
    if (at(event, 'error') !== undefined && at(event, 'error') !== null) {
      this.error = textAt(event, 'error', 'message') ?? textAt(event, 'error') ?? data
      return false
    }
    return this.#add(event, 'delta')
  }

  /** For engines that answer in one piece although a stream was asked for. */
  addWhole(reply: unknown): void {
    this.#add(reply, 'message')
    this.isComplete = listAt(reply, 'choices').length > 0
  }

  #add(event: unknown, part: 'delta' | 'message'): boolean {
    const before = this.length
    const choice = at(event, 'choices', 0)
    this.text += textAt(choice, part, 'content') ?? ''
    // llama.cpp, LM Studio and DeepSeek name it reasoning_content; vLLM, Ollama and OpenRouter reasoning.
    this.reasoning += textAt(choice, part, 'reasoning_content') ?? textAt(choice, part, 'reasoning') ?? ''
    for (const [position, call] of listAt(choice, part, 'tool_calls').entries()) this.#addToolCall(call, position)
    this.finishReason = textAt(choice, 'finish_reason') ?? this.finishReason
    if (this.finishReason !== undefined) this.isComplete = true
    this.usage = readUsage(at(event, 'usage')) ?? this.usage
    this.timings = readTimings(at(event, 'timings')) ?? this.timings
    return this.length > before
  }

  /** Parts of one call share an index; engines that leave it out send each call whole. */
  #addToolCall(call: unknown, position: number): void {
    const index = numberAt(call, 'index') ?? position
    const known = this.#toolCalls.get(index)
    const name = textAt(call, 'function', 'name') ?? ''
    const written = textAt(call, 'function', 'arguments') ?? ''
    if (known === undefined) this.#toolCalls.set(index, { name, arguments: written })
    else known.arguments += written
  }
}

function readUsage(usage: unknown): ChatUsage | undefined {
  const promptTokens = countAt(usage, 'prompt_tokens')
  const completionTokens = countAt(usage, 'completion_tokens')
  if (promptTokens === undefined && completionTokens === undefined) return undefined
  return {
    ...(promptTokens !== undefined && { promptTokens }),
    ...(completionTokens !== undefined && { completionTokens }),
  }
}

/** llama.cpp's. A prompt that came from its cache took no time worth a rate. */
function readTimings(timings: unknown): ChatTimings | undefined {
  const prefill = (countAt(timings, 'prompt_n') ?? 0) > 1 ? numberAt(timings, 'prompt_per_second') : undefined
  const decode = (countAt(timings, 'predicted_n') ?? 0) > 1 ? numberAt(timings, 'predicted_per_second') : undefined
  if (prefill === undefined && decode === undefined) return undefined
  return {
    ...(prefill !== undefined && { prefillTokensPerSecond: prefill }),
    ...(decode !== undefined && { decodeTokensPerSecond: decode }),
  }
}
