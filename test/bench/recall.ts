/**
 * What recall finds, and what that takes.
 *
 *     DATABASE_URL=postgres://… node test/bench/recall.ts                       finds what, on the labelled and the held-out set
 *     DATABASE_URL=postgres://… node test/bench/recall.ts --messages 1000000    takes how long, among so many messages
 *
 * Makes a database of its own beside the one named, and takes it away at the end; --keep leaves it, and finds it again.
 */
import { parseArgs } from 'node:util'

import { formatTable } from '../../src/cli/table.ts'
import { postgresqlAt } from '../integration/store/places.ts'
import { ownDatabase } from './recall/own-database.ts'
import { heldOutSet } from './recall/held-out-set.ts'
import { type LabelledConversation, labelledSet } from './recall/labelled-set.ts'
import { fillStore, measureLatency } from './recall/latency.ts'
import { measureQuality } from './recall/quality.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string' },
    seed: { type: 'string', default: '1' },
    conversations: { type: 'string', default: '8' },
    fetches: { type: 'string', default: '4000' },
    clients: { type: 'string', default: '4' },
    keep: { type: 'boolean', default: false },
  },
})

const seed = Number(values.seed)
const name = values.messages === undefined ? 'recall_bench_set' : `recall_bench_${values.messages}`
const database = await ownDatabase(process.env['DATABASE_URL'], name)
const location = postgresqlAt(database.url)
try {
  if (values.messages === undefined) {
    const set = labelledSet({ seed, conversations: Number(values.conversations) })
    const tell = async (conversations: readonly LabelledConversation[]): Promise<void> => {
      const rows = (await measureQuality(location, conversations)).map(
        ({ method, kind, questions, recallAt4, recallAt10 }) => [
          method,
          kind,
          String(questions),
          recallAt4.toFixed(3),
          recallAt10.toFixed(3),
        ],
      )
      console.log(formatTable(['method', 'questions', 'number', 'recall@4', 'recall@10'], rows))
    }
    const rounds = set.reduce((sum, conversation) => sum + conversation.rounds.length, 0)
    console.log(`${set.length} conversations, ${rounds} rounds, seed ${seed}\n`)
    await tell(set)
    for (const conversation of heldOutSet()) {
      console.log(`\nheld out, ${conversation.language}: ${conversation.rounds.length} rounds\n`)
      await tell([conversation])
    }
  } else {
    if (database.isNew) await fillStore(location, Number(values.messages))
    const options = { clients: Number(values.clients), seed }
    await measureLatency(location, { ...options, fetches: 500 }) // warms the caches
    const rows = (await measureLatency(location, { ...options, fetches: Number(values.fetches) })).map((row) => [
      row.rounds,
      String(row.count),
      row.p50Ms.toFixed(1),
      row.p95Ms.toFixed(1),
      row.p99Ms.toFixed(1),
    ])
    console.log(formatTable(['rounds on the path', 'fetches', 'p50 ms', 'p95 ms', 'p99 ms'], rows))
  }
} finally {
  if (!values.keep) await database.drop()
}
