import type { ChatOutline } from '../../core/chat/chat-outline.ts'
import { mintId } from '../../core/identifier.ts'
import type { Operation } from '../../core/operation.ts'
import type { LoadingState } from '../../core/wait-progress.ts'
import { type ChatCall, isChatDialect } from '../../dialects/chat-dialect.ts'
import { outlineChat, promptLength } from '../../dialects/openai/outline-chat.ts'
import { type OpenAiRequest, readRequest } from '../../dialects/openai/read-request.ts'
import type { Exchange } from '../../http/exchange.ts'
import { approximateTokens } from '../../routing/approximate-tokens.ts'
import { type Classification, classifyRequest } from '../../routing/classify-request.ts'
import { outlineRequest } from '../../routing/outline-request.ts'
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
  /** A chat in a dialect that has to be translated for the engine. */
  readonly chat: ChatCall | undefined
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
  const intake = takeInBody({
    exchange,
    operation,
    request: readRequest({ contentType, body, query: exchange.query }),
    body,
    contentType,
  })
  record.requestBytes = body.length
  record.operation = operation
  record.requestedModel = intake.model
  record.isStream = intake.request.isStream
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
  const chat = operation === 'chat' ? readTranslated(exchange, request) : undefined
  const outline = chat === undefined ? outlineOf(operation, request) : outlineRequest(chat.request)
  const taskHeader = headerText(exchange.request.headers['x-llmr-task'])
  const length = outline ?? {
    textLength: request.json === undefined ? 0 : promptLength(request.json),
    hasImages: false,
  }
  const promptTokens = approximateTokens(length)
  if (chat?.request.isStream === true) exchange.voice = chat.openStream(chat.request.model ?? '', promptTokens)
  return {
    operation,
    request: chat === undefined ? request : { ...request, model: chat.request.model, isStream: chat.request.isStream },
    model: chat === undefined ? request.model : chat.request.model,
    body,
    contentType,
    outline,
    chat,
    classification: classifyRequest({ operation, outline, taskHeader }),
    approximateTokens: promptTokens,
    loadingState: askedLoadingState(exchange.request.headers),
  }
}

function outlineOf(operation: Operation, { json }: OpenAiRequest): ChatOutline | undefined {
  return operation === 'chat' && json !== undefined ? outlineChat(json) : undefined
}

/** The chat in neutral words, when the client speaks another dialect than engines do. */
function readTranslated(exchange: Exchange, { json }: OpenAiRequest): ChatCall | undefined {
  const { dialect, record } = exchange
  if (!isChatDialect(dialect)) return undefined
  const { requestId, startedAtMs, path } = record
  const chat = dialect.readChat(json ?? {}, { requestId, createdAtMs: startedAtMs, path, mintId })
  if (chat.notes.length > 0) exchange.note('left-out', chat.notes.slice(0, notesMax).join(', '))
  return chat
}

const notesMax = 10

function headerText(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value) || undefined
}
