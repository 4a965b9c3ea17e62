import { type Bus, type BusEvent, eventsMax } from '../src/core/bus.ts'
import type { WorkerDefinition } from '../src/core/worker-definition.ts'
import { EventUnreadable } from '../src/events/event-unreadable.ts'
import { isOfLaterVersion } from '../src/events/is-of-later-version.ts'
import { pairTypes, readPairEvent, writePairEvent } from '../src/events/pair-event.ts'
import { embeddingAlias, subjects } from '../src/events/subjects.ts'
import type { ClosableEmbedder } from '../src/gateway/configure/embedder-of.ts'
import { isDataError } from '../src/store/is-data-error.ts'
import type { Embeddings } from '../src/store/embeddings.ts'
import { RoundEmbedder, type RoundEmbedderOptions } from '../src/worker/embed/round-embedder.ts'
import { InputRefused } from '../src/worker/model-fault.ts'

export interface EmbedOptions extends RoundEmbedderOptions {
  readonly embedder: ClosableEmbedder
  readonly embeddings: () => Promise<Pick<Embeddings, 'missing' | 'ofTexts' | 'add' | 'lacking'>>
}

/** Gives rounds their vectors. Idempotent by the request's id and the model, so an event may come any number of times. */
export function embedWorker(options: EmbedOptions): WorkerDefinition {
  const rounds = new RoundEmbedder(options)
  return {
    name: 'embed',
    subjects: [subjects.embedding, embeddingAlias],
    isForLater: ({ headers }) => isOfLaterVersion(headers['ce-type'] ?? '', [pairTypes.embedding]),
    isDataError: (error) => error instanceof EventUnreadable || error instanceof InputRefused || isDataError(error),
    work: (events: readonly BusEvent[]) => rounds.embed(events.map((event) => readPairEvent('embedding', event))),
    begin: (bus) => askForLacking(bus, options),
    counters: () =>
      Object.entries(rounds.counts).map(([result, value]) => ({
        metric: 'llmr_embedding_cache_total',
        labels: { kind: 'round', result },
        value,
      })),
    close: () => options.embedder.close(),
  }
}

/**
 * Rounds that were kept before there was this model. Several processes that begin ask for the same, which counts once. A
 * bus that is full refuses more, and it is gone on with when there is room.
 */
async function askForLacking(bus: Pick<Bus, 'publish'>, { embeddings, embedder }: EmbedOptions): Promise<void> {
  const { model, dimensions } = embedder
  const table = await embeddings()
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await table.lacking(embedder, { after, window: eventsMax })
    const events = page.rounds.map((round) => writePairEvent('embedding', round, `${model}/${dimensions}`))
    if (events.length > 0) await bus.publish(events)
    after = page.next
  }
}
