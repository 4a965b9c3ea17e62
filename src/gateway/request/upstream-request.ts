import type { BackendAdapter } from '../../backends/adapter.ts'
import { adapterOf } from '../../backends/adapter-of.ts'
import { writeChatRequest } from '../../backends/chat/write-chat-request.ts'
import { writeCompletionRequest } from '../../backends/chat/write-completion-request.ts'
import type { UpstreamRequest } from '../../backends/connection.ts'
import { openaiPaths } from '../../backends/openai-paths.ts'
import type { Candidate } from '../../core/candidate.ts'
import type { Operation } from '../../core/operation.ts'
import { isOutOfOrder } from '../../dialects/openai/chat/is-out-of-order.ts'
import { readChat } from '../../dialects/openai/chat/read-chat.ts'
import { editRequest, type RequestEdits } from '../../dialects/openai/edit-request.ts'
import { replaceModel } from '../../dialects/openai/replace-model.ts'
import { forwardableHeaders } from '../../http/auth/upstream-headers.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { TurnRecorder } from '../side/turn-recorder.ts'
import type { BackendRuntime } from '../fleet/backend-runtime.ts'
import type { Residency } from '../fleet/residency.ts'
import { fitChat } from './fit-chat.ts'
import { hopHeaders } from './hops.ts'
import type { Intake } from './intake.ts'

export interface UpstreamParts {
  readonly exchange: Exchange
  readonly intake: Intake
  readonly candidate: Candidate
  readonly backend: BackendRuntime
  readonly parts: {
    readonly residency: Residency | undefined
    readonly instanceId: string
    /** Absent: nobody asks what was really sent. */
    readonly recorder?: Pick<TurnRecorder, 'sent'> | undefined
  }
}

/** The request as this backend is to get it: the client's own bytes where nothing has to be said otherwise. */
export function upstreamRequest({ exchange, intake, candidate, backend, parts }: UpstreamParts): UpstreamRequest {
  const body = bodyFor({ intake, backend, candidate, edits: parts.residency?.managed.get(candidate.backend)?.edits })
  parts.recorder?.sent(exchange.record, body)
  return {
    method: 'POST',
    path: operationPath(backend, intake.operation),
    headers: upstreamHeaders(exchange, intake, backend, parts.instanceId),
    body,
  }
}

interface BodyParts {
  readonly intake: Intake
  readonly backend: BackendRuntime
  readonly candidate: Candidate
  readonly edits: RequestEdits | undefined
}

function bodyFor(parts: BodyParts): Buffer {
  const { request, body, contentType } = parts.intake
  const { model } = parts.candidate
  const edited = editedJson(parts)
  if (edited !== undefined) return Buffer.from(JSON.stringify({ ...edited, model }))
  return request.model === model ? body : replaceModel({ request, body, contentType, model })
}

/** `undefined` where the client's own can go. */
function editedJson({ intake, backend, candidate, edits }: BodyParts): Record<string, unknown> | undefined {
  const { request } = intake
  const { hasGrammar } = adapterFor(backend).chat(backend.settings)
  const written = fitChat(intake, candidate, { written: writtenAnew(intake, backend, candidate.model), hasGrammar })
  const json = written ?? request.json
  return (edits && json && editRequest(json, edits, request.model)) ?? written
}

/** The chat as this backend would get it, in OpenAI's shape, for what is made of it otherwise. */
export function upstreamChat({ intake, candidate, backend, parts }: UpstreamParts): Readonly<Record<string, unknown>> {
  const edits = parts.residency?.managed.get(candidate.backend)?.edits
  const json = editedJson({ intake, backend, candidate, edits }) ?? intake.request.json
  return { ...json, model: candidate.model }
}

export function upstreamHeaders(
  exchange: Exchange,
  intake: Intake,
  backend: BackendRuntime,
  instanceId: string,
): string[] {
  const headers = ['x-correlation-id', exchange.record.correlationId]
  const passed = forwardableHeaders(exchange.request.headers)
  // A form that turned out to be JSON is sent as what it is.
  if (intake.request.encoding === 'json') passed['content-type'] = 'application/json'
  for (const name in passed) headers.push(name, passed[name] ?? '')
  if (backend.description?.kind === 'llmr') headers.push(...hopHeaders(exchange, instanceId))
  return headers
}

/** What a client said in another dialect, or a chat with messages in an order that the model's template may refuse. */
function writtenAnew({ operation, request, chat, approximateTokens }: Intake, backend: BackendRuntime, model: string) {
  const completion = chat?.request.completion
  if (chat !== undefined && completion !== undefined) {
    const path = operationPath(backend, operation)
    const abilities = adapterFor(backend).chat(backend.settings)
    return writeCompletionRequest(completion, chat.request, { model, abilities, path })
  }
  if (operation !== 'chat') return undefined
  const { contextLength = Infinity } = backend.description?.models.find(({ id }) => id === model) ?? {}
  // The estimate may be off by as much as it is.
  const roomForReply = Math.max(0, contextLength - 2 * approximateTokens)
  const abilities = adapterFor(backend).chat(backend.settings)
  if (chat !== undefined) return writeChatRequest(chat.request, { model, abilities, roomForReply })
  if (!abilities.hasTemplate || request.json === undefined || !isOutOfOrder(request.json)) return undefined
  return writeChatRequest(readChat(request.json).request, { model, abilities })
}

function operationPath(backend: BackendRuntime, operation: Operation): string {
  return adapterFor(backend).path(operation) ?? openaiPaths[operation]
}

export function adapterFor({ description, settings }: BackendRuntime): BackendAdapter {
  return adapterOf(description?.kind ?? settings.kind)
}
