import { embedderOf } from '../src/gateway/configure/embedder-of.ts'
import { summariserOf } from '../src/gateway/configure/summariser-of.ts'
import type { PairTask } from '../src/core/pair-notice.ts'
import type { WorkerDefinition } from '../src/core/worker-definition.ts'
import { promptVersion } from '../src/memory/summaries/prompt.ts'
import type { WorkerSurroundings } from '../src/gateway/configure/worker-surroundings.ts'
import { embedWorker } from './embed.ts'
import { persistWorker } from './persist.ts'
import { summariseWorker } from './summarise.ts'

/** Every worker that is configured, for a gateway that runs them itself. */
export function workerSet(surroundings: WorkerSurroundings): readonly WorkerDefinition[] {
  return [persistWorkerOf, embedWorkerOf, summariseWorkerOf].flatMap((define) => define(surroundings) ?? [])
}

export function persistWorkerOf({ config, store, bus }: WorkerSurroundings): WorkerDefinition {
  const { embeddings, summaries } = config.memory
  const tasks: readonly PairTask[] = [
    ...(embeddings === undefined ? [] : ['embedding' as const]),
    ...(summaries === undefined ? [] : ['summarise' as const]),
  ]
  return persistWorker({
    store: async () => store.opened(),
    turnsKeepMs: config.store.turns.keep,
    lineageKeepMs: config.store.lineage.keep,
    ...(tasks.length > 0 && { next: { tasks, bus } }),
  })
}

/** Undefined where no embedding model is configured. */
export function embedWorkerOf({ config, store, ownGateway }: WorkerSurroundings): WorkerDefinition | undefined {
  const wanted = config.memory.embeddings
  if (wanted === undefined) return undefined
  return embedWorker({
    embeddings: async () => (await store.opened()).embeddings,
    embedder: embedderOf(wanted, { config, ownGateway }),
    input: { prefix: wanted.document_prefix ?? '', charactersMax: wanted.characters },
    batch: wanted.batch,
    lineageKeepMs: config.store.lineage.keep,
  })
}

/** Undefined where no model for summaries is configured. */
export function summariseWorkerOf({ config, store, ownGateway }: WorkerSurroundings): WorkerDefinition | undefined {
  const wanted = config.memory.summaries
  if (wanted === undefined) return undefined
  return summariseWorker({
    summaries: async () => (await store.opened()).summaries,
    summariser: summariserOf(wanted, { config, ownGateway }),
    settings: {
      aboveTokens: wanted.above,
      spanTokens: Math.ceil(wanted.above * spanShare),
      fanIn: 4,
      recentRounds: 2,
      promptVersion,
    },
    lineageKeepMs: config.store.lineage.keep,
  })
}

/** Of the length from which on a path is condensed; so much is given to the model at once. */
const spanShare = 1 / 3
