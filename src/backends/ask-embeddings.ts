import { at, listAt, numberAt } from '../core/foreign-json.ts'
import type { Connection } from './connection.ts'
import { type Deadline, openApi } from './describe-backend.ts'
import { malformedReply } from './failure.ts'
import { openaiPaths } from './openai-paths.ts'

export interface EmbeddingsRequest {
  readonly model: string
  readonly input: readonly string[]
}

/**
 * Embeddings that llmr itself wants, from whatever speaks OpenAI's dialect: one vector for each text, in their order, as
 * the engine made them.
 *
 * @throws BackendFailure when the backend does not serve, misses the deadline, or answers with something else
 */
export async function askEmbeddings(
  connection: Connection,
  { model, input }: EmbeddingsRequest,
  deadline: Deadline,
): Promise<readonly (readonly number[])[]> {
  const reply = await openApi(connection, deadline).post(openaiPaths.embedding, { model, input })
  const items = listAt(reply, 'data')
  // Some engines answer in the order in which they were done.
  const places = new Map(items.map((item, index) => [numberAt(item, 'index') ?? index, at(item, 'embedding')]))
  const url = connection.settings.url + openaiPaths.embedding
  return input.map((_, index) => {
    const vector = places.get(index)
    if (isVector(vector)) return vector
    const got = items.length === input.length ? 'something that is no vector' : `${items.length} items`
    throw malformedReply(url, `${url} was sent ${input.length} texts, expected as many vectors, got ${got}.`)
  })
}

/** JSON has no NaN: an engine whose arithmetic went wrong writes null. */
function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isFinite)
}
