import { StringDecoder } from 'node:string_decoder'

import type { Question } from '../core/question.ts'
import { parseForeignJson } from '../core/foreign-json.ts'
import { SseEvents } from '../core/sse-events.ts'
import { failureOfSignal, secretsOf } from './call.ts'
import { ChatReply, type ChatTimings, type ChatToolCall, type ChatUsage } from './chat-reply.ts'
import type { Connection } from './connection.ts'
import type { UpstreamController, UpstreamHandler, UpstreamHeaders } from './upstream-handler.ts'
import type { Deadline } from './describe-backend.ts'
import { BackendFailure, failureFromError, failureFromStatus, malformedReply } from './failure.ts'
import { openaiPaths } from './openai-paths.ts'

export interface ChatAnswer {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ChatToolCall[]
  readonly finishReason?: string
  readonly usage?: ChatUsage
  readonly timings?: ChatTimings
  /** From sending the request to the first token; absent when the reply came in one piece or said nothing. */
  readonly firstTokenMs?: number
  readonly totalMs: number
}

/** Nobody asks a probe, a classifier or a guard for more; it also ends a model that cannot stop. */
const replyMaxLength = 1024 * 1024
const refusalMaxLength = 64 * 1024

/**
 * A chat that llmr itself starts: sends it as a stream, so that a leaving caller stops the engine and the first token
 * can be timed, and gives the answer when it is whole.
 *
 * @throws BackendFailure when the backend does not serve, breaks off or misses the deadline; the signal's reason when
 *   the caller gave up.
 */
export async function askChat(connection: Connection, request: Question, deadline: Deadline): Promise<ChatAnswer> {
  const timeout = AbortSignal.timeout(deadline.timeoutMs)
  const signal = deadline.signal === undefined ? timeout : AbortSignal.any([deadline.signal, timeout])
  try {
    return await sendChat(connection, chatBody(request, 'max_tokens'), signal)
  } catch (error) {
    // OpenAI's reasoning models refuse the name that every other server knows.
    if (!(error instanceof BackendFailure) || error.engineMessage?.includes('max_completion_tokens') !== true)
      throw error
    return sendChat(connection, chatBody(request, 'max_completion_tokens'), signal)
  }
}

/** The request in OpenAI's shape, which every kind of engine takes. */
function chatBody(request: Question, limitName: 'max_tokens' | 'max_completion_tokens'): string {
  const { model, messages, maxTokens, temperature, jsonSchema, tools } = request
  return JSON.stringify({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    ...(maxTokens !== undefined && { [limitName]: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(jsonSchema !== undefined && {
      response_format: { type: 'json_schema', json_schema: { name: 'reply', strict: true, schema: jsonSchema } },
    }),
    ...(tools !== undefined && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
  })
}

function sendChat(connection: Connection, body: string, signal: AbortSignal): Promise<ChatAnswer> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader({ connection, signal, resolve, reject })
    if (signal.aborted) return reader.giveUp()
    const headers = ['accept', 'text/event-stream', 'content-type', 'application/json']
    connection.send({ method: 'POST', path: openaiPaths.chat, headers, body }, reader)
  })
}

interface Settlement {
  readonly connection: Connection
  readonly signal: AbortSignal
  readonly resolve: (answer: ChatAnswer) => void
  readonly reject: (failure: unknown) => void
}

class AnswerReader implements UpstreamHandler {
  readonly #settlement: Settlement
  readonly #url: string
  readonly #startedAtMs = performance.now()
  readonly #events = new SseEvents()
  readonly #decoder = new StringDecoder('utf8')
  readonly #reply = new ChatReply()
  readonly #onAbort = (): void => this.giveUp()
  #controller: UpstreamController | undefined
  #status = 0
  #headers: UpstreamHeaders = {}
  #isStream = false
  /** A reply that is no stream, or a refusal. */
  #whole = ''
  #firstTokenMs: number | undefined

  constructor(settlement: Settlement) {
    this.#settlement = settlement
    this.#url = settlement.connection.settings.url + openaiPaths.chat
    settlement.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  giveUp(): void {
    const phase = this.#controller === undefined ? 'connecting' : this.#status < 200 ? 'waiting' : 'reading'
    this.#fail(failureOfSignal(this.#settlement.signal, { url: this.#url, phase }))
  }

  onRequestStart(controller: UpstreamController): void {
    this.#controller = controller
    if (this.#settlement.signal.aborted) controller.abort(new Error('nobody waits for the answer'))
  }

  onResponseStart(_controller: UpstreamController, status: number, headers: UpstreamHeaders): void {
    this.#status = status
    this.#headers = headers
    this.#isStream = status < 300 && String(headers['content-type']).startsWith('text/event-stream')
  }

  onResponseData(_controller: UpstreamController, chunk: Buffer): void {
    if (!this.#isStream) this.#keepWhole(chunk)
    else for (const data of this.#events.push(chunk)) this.#addEvent(data)
    if (this.#whole.length + this.#reply.length + this.#events.pendingLength <= replyMaxLength) return
    this.#fail(malformedReply(this.#url, `${this.#url} answered with more than a million characters.`))
  }

  onResponseEnd(): void {
    if (this.#status >= 300) return this.#fail(this.#refusal())
    if (this.#isStream) for (const data of this.#events.end()) this.#addEvent(data)
    else this.#reply.addWhole(parseForeignJson(this.#whole))
    if (this.#reply.error !== undefined) return this.#fail(this.#failureInside(this.#reply.error))
    if (!this.#reply.isComplete) return this.#fail(this.#unfinished())
    this.#succeed()
  }

  onResponseError(_controller: UpstreamController | null | undefined, error: Error): void {
    this.#fail(failureFromError(error, { url: this.#url, hasReplyBegun: this.#status >= 200 }))
  }

  #keepWhole(chunk: Buffer): void {
    if (this.#status >= 300 && this.#whole.length > refusalMaxLength) return
    this.#whole += this.#decoder.write(chunk)
  }

  #addEvent(data: string): void {
    if (this.#reply.addEvent(data)) this.#firstTokenMs ??= performance.now() - this.#startedAtMs
  }

  #refusal(): BackendFailure {
    return failureFromStatus({
      url: this.#url,
      status: this.#status,
      headers: this.#headers,
      bodyText: this.#whole,
      secrets: secretsOf(this.#settlement.connection.settings),
    })
  }

  /** Judged by its words as if it had come before the first byte. */
  #failureInside(message: string): BackendFailure {
    const bodyText = JSON.stringify({ error: { message } })
    return failureFromStatus({ url: this.#url, status: 500, headers: this.#headers, bodyText })
  }

  #unfinished(): BackendFailure {
    if (!this.#isStream) {
      return malformedReply(
        this.#url,
        `${this.#url} answered with something that is no chat reply.`,
        this.#whole.slice(0, 200),
      )
    }
    const error = Object.assign(new Error('the stream ended without its end marker'), { code: 'UND_ERR_SOCKET' })
    return failureFromError(error, { url: this.#url, hasReplyBegun: true })
  }

  #succeed(): void {
    const { finishReason, usage, timings, text, reasoning, toolCalls } = this.#reply
    this.#settlement.signal.removeEventListener('abort', this.#onAbort)
    this.#settlement.resolve({
      text,
      reasoning,
      toolCalls,
      totalMs: performance.now() - this.#startedAtMs,
      ...(finishReason !== undefined && { finishReason }),
      ...(usage !== undefined && { usage }),
      ...(timings !== undefined && { timings }),
      ...(this.#firstTokenMs !== undefined && { firstTokenMs: this.#firstTokenMs }),
    })
  }

  #fail(failure: unknown): void {
    this.#settlement.signal.removeEventListener('abort', this.#onAbort)
    this.#settlement.reject(failure)
    this.#controller?.abort(new Error('nobody waits for the answer'))
  }
}
