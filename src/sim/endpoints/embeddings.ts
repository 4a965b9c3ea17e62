import { Buffer } from 'node:buffer'

import { embed } from '../embed.ts'
import { badRequest, notSupported } from '../engine-error.ts'
import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { isString, listField, stringField } from '../json-fields.ts'
import type { JsonObject } from '../json-fields.ts'
import { delay } from '../pace.ts'
import { detokenize, tokenize } from '../tokenizer.ts'

/** `POST /v1/embeddings` */
export async function embeddings(exchange: Exchange): Promise<void> {
  const { body, texts, vectors } = await embedded(exchange)
  const isBase64 = stringField(body, 'encoding_format') === 'base64'
  const tokens = texts.reduce((sum, text) => sum + tokenize(text).length, 0)
  exchange.reply.sendJson(200, {
    model: stringField(body, 'model') ?? exchange.engine.settings.model,
    object: 'list',
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    data: vectors.map((vector, index) =>
      isBase64
        ? { embedding: base64(vector), index, object: 'embedding', encoding_format: 'base64' }
        : { embedding: vector, index, object: 'embedding' },
    ),
  })
}

/** `POST /embeddings`: the engine's own form, a list whose vectors are lists of vectors. */
export async function nativeEmbeddings(exchange: Exchange): Promise<void> {
  const { vectors } = await embedded(exchange)
  exchange.reply.sendJson(
    200,
    vectors.map((vector, index) => ({ index, embedding: [vector] })),
  )
}

interface Embedded {
  readonly body: JsonObject
  readonly texts: readonly string[]
  readonly vectors: readonly (readonly number[])[]
}

async function embedded({ engine, request, firstTokenDelayMs, signal }: Exchange): Promise<Embedded> {
  if (!engine.settings.embeddings) {
    throw notSupported('This server does not support embeddings. Start it with `--embeddings`')
  }
  const body = jsonBody(request)
  const texts = inputTexts(body)
  await delay(firstTokenDelayMs, signal)
  return { body, texts, vectors: texts.map((text) => embed(text, engine.settings.embeddingDimensions)) }
}

/** A text, tokens, or a list of either. */
function inputTexts(body: JsonObject): string[] {
  const input = body['input'] ?? body['content']
  if (input === undefined) throw badRequest('"input" or "content" must be provided')
  if (isString(input)) return [input]
  const list = listField({ input }, 'input') ?? []
  if (list.length === 0) throw badRequest('"input" must not be empty')
  return list.every(isNumber) ? [detokenize(list)] : list.map(textOf)
}

function textOf(value: unknown): string {
  if (isString(value)) return value
  return Array.isArray(value) ? detokenize(value.filter(isNumber)) : ''
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

/** Little-endian 32-bit floats, as OpenAI's clients read them. */
function base64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}
