import { askEmbeddings } from '../../backends/ask-embeddings.ts'
import type { Config } from '../../config/schema.ts'
import type { Embedder } from '../../core/embedder.ts'
import { unitVectors } from '../../memory/embeddings/unit-vectors.ts'
import { type OwnGateway, SideModel } from './side-model.ts'

export interface ClosableEmbedder extends Embedder {
  /** Cuts calls in hand. May be called twice. */
  close(): Promise<void>
}

export type EmbeddingsConfig = NonNullable<Config['memory']['embeddings']>

/** The embedding model that is configured. */
export function embedderOf(
  wanted: EmbeddingsConfig,
  {
    config,
    ownGateway,
    timeoutMs = wanted.timeout,
    isAwaited,
  }: {
    readonly config: Config
    readonly ownGateway: () => OwnGateway
    readonly timeoutMs?: number
    readonly isAwaited?: boolean
  },
): ClosableEmbedder {
  const { model, dimensions } = wanted
  const side = new SideModel({ wanted, config, ownGateway, isAwaited })
  return {
    model,
    dimensions,
    async embed(input) {
      const vectors = await askEmbeddings(side.connection(), { model, input }, { timeoutMs })
      return unitVectors(vectors, { model, dimensions })
    },
    close: () => side.close(),
  }
}
