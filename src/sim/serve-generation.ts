import type { Exchange } from './exchange.ts'
import { generate } from './generate.ts'
import type { GenerationEvent, GenerationResult } from './generate.ts'
import type { Timings } from './timings.ts'
import type { JsonObject } from './json-fields.ts'
import type { GenerationRequest, ReplyPiece } from './reply-plan.ts'

/** How one endpoint writes what is generated. */
export interface ReplyFormat {
  /** Sent before the first token of a stream. */
  readonly opening: readonly JsonObject[]
  progress(beside: JsonObject): JsonObject
  piece(piece: ReplyPiece, beside: JsonObject, timings: Timings): JsonObject
  ending(result: GenerationResult): readonly (JsonObject | string)[]
  /** The reply that is not streamed. */
  whole(result: GenerationResult): JsonObject
}

/** Answers a generation request. Like the engine, it sends nothing before the first token, the status included. */
export async function serveGeneration(
  exchange: Exchange,
  request: GenerationRequest,
  format: ReplyFormat,
): Promise<void> {
  const { engine, reply, script, firstTokenDelayMs, signal } = exchange
  const events = generate(request, { ...engine, script, firstTokenDelayMs, signal })
  if (!request.isStream) return reply.sendJson(200, format.whole(await resultOf(events)))

  let isOpen = false
  for await (const event of events) {
    if (event.type === 'progress' && !request.reportsProgress) continue
    if (!reply.hasBegun) reply.startStream()
    for (const data of eventData(event, { request, format, isOpen })) await reply.sendEvent(data, signal)
    isOpen ||= event.type !== 'progress'
  }
  reply.endStream()
}

async function resultOf(events: AsyncIterable<GenerationEvent>): Promise<GenerationResult> {
  let result: GenerationResult | undefined
  for await (const event of events) if (event.type === 'end') result = event.result
  if (!result) throw new Error('A generation ended without a result.')
  return result
}

interface StreamState {
  readonly request: GenerationRequest
  readonly format: ReplyFormat
  /** The opening has been sent. */
  readonly isOpen: boolean
}

function eventData(event: GenerationEvent, { request, format, isOpen }: StreamState): readonly (JsonObject | string)[] {
  const opening = isOpen ? [] : format.opening
  switch (event.type) {
    case 'progress': {
      const timings = request.reportsTimings && { timings: event.timings }
      return [format.progress({ ...timings, prompt_progress: event.progress })]
    }
    case 'piece': {
      const beside = request.reportsTimings ? { timings: event.timings } : {}
      return [...opening, format.piece(event.piece, beside, event.timings)]
    }
    case 'end':
      return [...opening, ...format.ending(event.result)]
  }
}

export function usageOf({ promptTokens, timings }: GenerationResult): JsonObject {
  return {
    completion_tokens: timings.predicted_n,
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + timings.predicted_n,
    prompt_tokens_details: { cached_tokens: timings.cache_n },
  }
}

export function replyText(pieces: readonly ReplyPiece[]): string {
  return pieces.map(({ text }) => text).join('')
}
