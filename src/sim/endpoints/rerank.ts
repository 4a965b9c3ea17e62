import { embed, similarity } from '../embed.ts'
import { badRequest, notSupported } from '../engine-error.ts'
import { jsonBody } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { isString, listField, numberField, stringField } from '../json-fields.ts'
import { tokenize } from '../tokenizer.ts'

/** `POST /v1/rerank`: what shares words with the query comes first. With `texts` the reply is a bare list. */
export async function rerank({ engine, request, reply }: Exchange): Promise<void> {
  const { model, reranking, embeddingDimensions } = engine.settings
  if (!reranking) throw notSupported('This server does not support reranking. Start it with `--reranking`')
  const body = jsonBody(request)
  const query = stringField(body, 'query')
  if (query === undefined) throw badRequest('"query" must be provided')
  const texts = listField(body, 'texts')?.filter(isString)
  const documents = texts ?? (listField(body, 'documents') ?? []).filter(isString)
  if (documents.length === 0) throw badRequest('"documents" must be a non-empty string array')

  const asked = embed(query, embeddingDimensions)
  const ranked = documents
    .map((document, index) => ({ index, score: similarity(asked, embed(document, embeddingDimensions)) }))
    .sort((one, other) => other.score - one.score)
    .slice(0, numberField(body, 'top_n') ?? documents.length)
  if (texts) return reply.sendJson(200, ranked)
  const tokens = [query, ...documents].reduce((sum, text) => sum + tokenize(text).length, 0)
  reply.sendJson(200, {
    model: stringField(body, 'model') ?? model,
    object: 'list',
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    results: ranked.map(({ index, score }) => ({ index, relevance_score: score })),
  })
}
