import { buildInfo } from '../engine.ts'
import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { parseChatBody } from '../generation-body.ts'
import type { GenerationResult } from '../generate.ts'
import { booleanField, objectField } from '../json-fields.ts'
import type { JsonObject } from '../json-fields.ts'
import type { ReplyPiece } from '../reply-plan.ts'
import { serveGeneration, usageOf } from '../serve-generation.ts'
import type { ReplyFormat } from '../serve-generation.ts'

/** `POST /v1/chat/completions` */
export async function chatCompletions(exchange: Exchange): Promise<void> {
  const body = jsonBody(exchange.request)
  const request = parseChatBody(body, exchange.engine.settings)
  await serveGeneration(exchange, request, chatFormat(exchange, body))
}

function chatFormat({ engine }: Exchange, body: JsonObject): ReplyFormat {
  const id = `chatcmpl-${engine.nextId()}`
  const created = engine.createdSeconds()
  const { model } = engine.settings
  const reportsUsage = booleanField(objectField(body, 'stream_options') ?? {}, 'include_usage')

  const chunk = (choices: readonly unknown[], beside: JsonObject = {}): JsonObject => ({
    choices,
    created,
    id,
    model,
    system_fingerprint: buildInfo,
    object: 'chat.completion.chunk',
    ...beside,
  })
  const delta = (fields: JsonObject, beside: JsonObject = {}): JsonObject =>
    chunk([{ finish_reason: null, index: 0, delta: fields }], beside)

  return {
    opening: [delta({ role: 'assistant', content: null })],
    progress: (progress) => delta({ role: 'assistant', content: null }, progress),
    piece: (piece, beside) => delta(pieceDelta(piece), beside),
    ending: (result) => {
      const finish = [{ finish_reason: result.finishReason, index: 0, delta: {} }]
      const { timings } = result
      return reportsUsage
        ? [chunk(finish), chunk([], { usage: usageOf(result), timings }), '[DONE]']
        : [chunk(finish, { timings }), '[DONE]']
    },
    whole: (result) => ({
      choices: [{ finish_reason: result.finishReason, index: 0, message: messageOf(result.pieces) }],
      created,
      model,
      system_fingerprint: buildInfo,
      object: 'chat.completion',
      usage: usageOf(result),
      id,
      timings: result.timings,
    }),
  }
}

/** Each delta carries one token; a call's id and name come once, its arguments in pieces with its index. */
function pieceDelta(piece: ReplyPiece): JsonObject {
  switch (piece.type) {
    case 'content':
      return { content: piece.text }
    case 'reasoning':
      return { reasoning_content: piece.text }
    case 'tool-call': {
      const { index, id, name, text } = piece
      return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: text } }] }
    }
    case 'tool-arguments':
      return { tool_calls: [{ index: piece.index, function: { arguments: piece.text } }] }
  }
}

function messageOf(pieces: GenerationResult['pieces']): JsonObject {
  const reasoning = textOf(pieces, 'reasoning')
  const calls = pieces.filter((piece) => piece.type === 'tool-call')
  return {
    role: 'assistant',
    content: textOf(pieces, 'content'),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ index, id, name, text }) => {
        const rest = pieces.filter((piece) => piece.type === 'tool-arguments' && piece.index === index)
        return { type: 'function', function: { name, arguments: text + rest.map(pieceText).join('') }, id }
      }),
    }),
  }
}

function textOf(pieces: GenerationResult['pieces'], type: 'content' | 'reasoning'): string {
  return pieces
    .filter((piece) => piece.type === type)
    .map(pieceText)
    .join('')
}

function pieceText({ text }: ReplyPiece): string {
  return text
}
