import type { ChatOutline } from '../../core/chat/chat-outline.ts'
import type { EarlierReplies } from '../../core/chat/kept-reply.ts'
import { mintId } from '../../core/identifier.ts'
import type { Operation } from '../../core/operation.ts'
import type { LoadingState } from '../../core/wait-progress.ts'
import { type ChatCall, isChatDialect } from '../../dialects/chat-dialect.ts'
import { isRestatingDialect, type Restatement } from '../../dialects/restating-dialect.ts'
import { outlineChat, promptLength } from '../../dialects/openai/outline-chat.ts'
import { type OpenAiRequest, readRequest } from '../../dialects/openai/read-request.ts'
import type { Exchange } from '../../http/exchange.ts'
import { approximateTokens } from '../../routing/approximate-tokens.ts'
import { type Classification, classifyRequest } from '../../routing/classify-request.ts'
import { outlineRequest } from '../../routing/outline-request.ts'
import type { KeptReplies } from './kept-replies.ts'
import { askedLoadingState } from './loading-state.ts'
import { scopeOf } from './memory/scope-of.ts'

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
  /** Another operation that its client said in words of its own: `request` and `body` are in OpenAI's. */
  readonly restated: Restatement | undefined
  readonly classification: Classification
  /** An estimate from the length of the text; tokenizers differ, so it decides only what is clearly so. */
  readonly approximateTokens: number
  /** That a small model drafted for it, where one did: it stands in `chat`, and must not come back in the reply. */
  readonly plan?: string
  /** How its waiting is shown, where the client says. */
  readonly loadingState: LoadingState | undefined
}

/** Whoever keeps replies for their clients. */
export type Recalling = Pick<KeptReplies, 'recall'>

/**
 * Reads the body and classifies the request, before anything else is decided about it.
 *
 * @throws LlmrError for a body that is too large, broken off or not what it says it is, and for one that goes on from a
 * reply that cannot be had
 */
export async function takeIn(exchange: Exchange, operation: Operation, replies: Recalling): Promise<Intake> {
  const { record, request: incoming } = exchange
  const body = await exchange.readBody()
  const contentType = incoming.headers['content-type']
  const request = readRequest({ contentType, body, query: exchange.query })
  const earlier = await recall(exchange, request, replies)
  const restated = restate(exchange, operation, request)
  const intake = takeInBody({
    exchange,
    operation,
    ...(restated === undefined ? { request, body, contentType } : asRestated(restated, request)),
    restated,
    earlier,
  })
  record.requestBytes = body.length
  record.operation = intake.operation
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
  restated?: Restatement
  earlier?: EarlierReplies
}): Intake {
  const { exchange, request, body, contentType } = parts
  const chat = readTranslated(exchange, parts)
  const operation = chat === undefined ? parts.operation : operationOf(chat)
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
    restated: parts.restated,
    classification: classifyRequest({ operation, outline, taskHeader }),
    approximateTokens: promptTokens,
    loadingState: askedLoadingState(exchange.request.headers),
  }
}

function restate(exchange: Exchange, operation: Operation, { json = {} }: OpenAiRequest): Restatement | undefined {
  if (!isRestatingDialect(exchange.dialect)) return undefined
  const restated = exchange.dialect.restate(operation, json)
  noteOmissions(exchange, restated.notes)
  return restated
}

function asRestated({ json }: Restatement, { model }: OpenAiRequest) {
  const request: OpenAiRequest = { model, isStream: false, encoding: 'json', json }
  return { request, body: Buffer.from(JSON.stringify(json)), contentType: 'application/json' }
}

function noteOmissions(exchange: Exchange, notes: readonly string[]): void {
  if (notes.length > 0) exchange.note('left-out', notes.slice(0, notesMax).join(', '))
}

function outlineOf(operation: Operation, { json }: OpenAiRequest): ChatOutline | undefined {
  return operation === 'chat' && json !== undefined ? outlineChat(json) : undefined
}

/** The chat in neutral words, when the client speaks another dialect than engines do. */
function readTranslated(
  exchange: Exchange,
  parts: { operation: Operation; request: OpenAiRequest; earlier?: EarlierReplies },
): ChatCall | undefined {
  const { dialect, record } = exchange
  if (parts.operation !== 'chat' || !isChatDialect(dialect)) return undefined
  const { requestId, startedAtMs, path } = record
  const { json = {} } = parts.request
  const facts = { requestId, createdAtMs: startedAtMs, path, mintId, elapsedMs: () => exchange.elapsedMs() }
  const chat = dialect.readChat(json, { ...facts, earlier: parts.earlier })
  noteOmissions(exchange, chat.notes)
  return chat
}

/** Some dialects have one path for chats and for text that is to be gone on with. */
function operationOf({ request: { completion } }: ChatCall): Operation {
  if (completion === undefined) return 'chat'
  return completion.suffix === undefined ? 'completion' : 'fim'
}

const notesMax = 10

/** What was said before, where the client leaves it to us to remember. */
async function recall(
  exchange: Exchange,
  { json }: OpenAiRequest,
  replies: Recalling,
): Promise<EarlierReplies | undefined> {
  const { dialect } = exchange
  const references = json !== undefined && isChatDialect(dialect) ? dialect.readReferences?.(json) : undefined
  if (references === undefined) return undefined
  const earlier = await replies.recall(scopeOf(exchange), references)
  exchange.note('recalled', `${earlier.chain.length + earlier.named.length} replies`)
  return earlier
}

function headerText(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value) || undefined
}
