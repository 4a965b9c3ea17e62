import type { Config } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import { QuestionEmbedder } from '../../memory/embeddings/question-embedder.ts'
import { embedderOf } from './embedder-of.ts'
import type { OwnGateway } from './side-model.ts'

export interface ConfiguredQuestionEmbedder {
  readonly questions: QuestionEmbedder
  /** Cuts calls in hand. May be called twice. */
  close(): Promise<void>
}

/** Long after a request has gone on without it, an answer is still worth having for the next one. */
const timeoutMs = 5_000

/** What makes vectors of questions while requests run; undefined where no embedding model is configured. */
export function questionEmbedderOf({
  config,
  ownGateway,
  clock,
  logger,
}: {
  readonly config: Config
  readonly ownGateway: () => OwnGateway
  readonly clock: Clock
  readonly logger: Logger
}): ConfiguredQuestionEmbedder | undefined {
  const wanted = config.memory.embeddings
  if (wanted === undefined) return undefined
  const embedder = embedderOf(wanted, { config, ownGateway, timeoutMs, isAwaited: true })
  const input = { prefix: wanted.query_prefix ?? '', charactersMax: wanted.characters }
  return { questions: new QuestionEmbedder({ embedder, input, clock, logger }), close: () => embedder.close() }
}
