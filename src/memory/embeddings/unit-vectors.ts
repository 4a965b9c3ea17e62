import type { Vector, VectorSpace } from '../../core/embedder.ts'
import { LlmrError } from '../../core/error.ts'

/**
 * What a model gave, as vectors of length 1.
 *
 * @throws LlmrError when they are of another length than configured, or hold nothing: such vectors would be compared with
 *   others and mean nothing
 */
export function unitVectors(vectors: readonly (readonly number[])[], space: VectorSpace): readonly Vector[] {
  return vectors.map((vector) => {
    if (vector.length !== space.dimensions) throw wrongLength(vector.length, space)
    const length = Math.hypot(...vector)
    if (!(length > 0 && Number.isFinite(length))) throw withoutDirection(space)
    return vector.map((value) => value / length)
  })
}

function wrongLength(got: number, { model, dimensions }: VectorSpace): LlmrError {
  const message =
    `Expected vectors of ${dimensions} numbers from ${model}, got ${got}: set memory.embeddings.dimensions to ${got}, or ` +
    'name another model in memory.embeddings.model.'
  return new LlmrError('backend_failed', message)
}

function withoutDirection({ model }: VectorSpace): LlmrError {
  const message =
    `Expected a vector with a direction from ${model}, got zeros: the model is broken, or made for something else; ` +
    'llmr backends probe says more.'
  return new LlmrError('backend_failed', message)
}
