import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import { numberAt } from '../../../core/foreign-json.ts'
import { mintId } from '../../../core/identifier.ts'
import type { ChatCall } from '../../../dialects/chat-dialect.ts'
import { openaiChatCall } from '../../../dialects/openai/chat/openai-chat-call.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { Intake } from '../intake.ts'

/** A chat whose bytes would have travelled. */
export function readCall({ record }: Exchange, { request }: Intake): ChatCall | undefined {
  const { requestId, startedAtMs, path } = record
  return request.json && openaiChatCall(request.json, { requestId, createdAtMs: startedAtMs, path, mintId })
}

/** From here on its stream is said anew, also what fails. */
export function openVoice(exchange: Exchange, { request, approximateTokens }: Intake, call: ChatCall): void {
  if (!request.isStream) return
  exchange.voice = call.openStream(request.model ?? exchange.record.model ?? '', approximateTokens)
}

/** Several answers, and how sure the model was, would be lost. */
export function canBeSaidAnew({ extras = {}, completion }: ChatRequest): boolean {
  return completion === undefined && extras['logprobs'] !== true && (numberAt(extras, 'n') ?? 1) === 1
}
