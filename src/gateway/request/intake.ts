import type { ChatOutline } from '../../core/chat-outline.ts'
import type { Operation } from '../../core/operation.ts'
import type { LoadingState } from '../../core/wait-progress.ts'
import { outlineChat, promptLength } from '../../dialects/openai/outline-chat.ts'
import { type OpenAiRequest, readRequest } from '../../dialects/openai/read-request.ts'
import type { Exchange } from '../../http/exchange.ts'
import { approximateTokens } from '../../routing/approximate-tokens.ts'
import { type Classification, classifyRequest } from '../../routing/classify-request.ts'
import { askedLoadingState } from './loading-state.ts'

/** A request, read and understood as far as routing needs it. The body is still the client's own bytes. */
export interface Intake {
  readonly operation: Operation
  readonly request: OpenAiRequest
  /** The model meant: what the client named, unless something stands in for it. */
  readonly model: string | undefined
  readonly body: Buffer
  readonly contentType: string | undefined
  readonly outline: ChatOutline | undefined
  readonly classification: Classification
  /** An estimate from the length of the text; tokenizers differ, so it decides only what is clearly so. */
  readonly approximateTokens: number
  /** How its waiting is shown, where the client says. */
  readonly loadingState: LoadingState | undefined
}

/**
 * Reads the body and classifies the request, before anything else is decided about it.
 *
 * @throws LlmrError for a body that is too large, broken off or not what it says it is
 */
export async function takeIn(exchange: Exchange, operation: Operation): Promise<Intake> {
  const { record, request: incoming } = exchange
  const body = await exchange.readBody()
  const contentType = incoming.headers['content-type']
  const request = readRequest({ contentType, body, query: exchange.query })
  const intake = takeInBody({ exchange, operation, request, body, contentType })
  record.requestBytes = body.length
  record.operation = operation
  record.requestedModel = request.model
  record.isStream = request.isStream
  record.kind = intake.classification.kind
  record.backgroundTask = intake.classification.backgroundTask
  return intake
}

export function takeInBody(parts: {
  exchange: Exchange
  operation: Operation
  request: OpenAiRequest
  body: Buffer
  contentType: string | undefined
}): Intake {
  const { exchange, operation, request, body, contentType } = parts
  const outline = operation === 'chat' && request.json !== undefined ? outlineChat(request.json) : undefined
  const taskHeader = headerText(exchange.request.headers['x-llmr-task'])
  const length = outline ?? {
    textLength: request.json === undefined ? 0 : promptLength(request.json),
    hasImages: false,
  }
  return {
    operation,
    request,
    model: request.model,
    body,
    contentType,
    outline,
    classification: classifyRequest({ operation, outline, taskHeader }),
    approximateTokens: approximateTokens(length),
    loadingState: askedLoadingState(exchange.request.headers),
  }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value) || undefined
}
