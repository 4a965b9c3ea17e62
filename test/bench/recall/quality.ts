import { type Kysely, sql } from 'kysely'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { questionWords } from '../../../src/memory/recall/question-words.ts'
import { rankRounds } from '../../../src/memory/recall/rank-rounds.ts'
import { wordBeginnings } from '../../../src/memory/recall/word-beginnings.ts'
import { embed } from '../../../src/sim/embed.ts'
import type { Tables } from '../../../src/store/database.ts'
import { openDatabase, type StoreLocation } from '../../../src/store/open-database.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { say } from '../../integration/memory/say.ts'
import type { LabelledConversation, LabelledQuestion } from './labelled-set.ts'

/** Ways to order the rounds of a conversation by a question, best first. */
export const methods = [
  'all words (AND), ts_rank_cd',
  'any word (OR), ts_rank_cd',
  'OR + smoothing',
  'llmr, by words alone',
  "llmr, with the simulated engine's vectors",
] as const

export type Method = (typeof methods)[number]

/** Of a question's evidence, the share among the first ten, by method and kind of question. */
export interface Measured {
  readonly method: Method
  readonly kind: LabelledQuestion['kind'] | 'all'
  readonly recallAt10: number
  readonly recallAt4: number
  readonly questions: number
}

const space = { model: 'simulated', dimensions: 768 }

/** Asks every question at the end of its conversation, in a store of its own. */
export async function measureQuality(
  location: StoreLocation,
  set: readonly LabelledConversation[],
): Promise<readonly Measured[]> {
  const store = await openStore({
    location,
    migrates: true,
    llmrVersion: 'bench',
    clock: systemClock,
    logger: silentLogger,
  })
  const database = await openDatabase(location, silentLogger)
  const hits: { method: Method; kind: LabelledQuestion['kind']; at10: number; at4: number }[] = []
  for (const { rounds, questions } of set) {
    const places: Awaited<ReturnType<typeof say>>[] = []
    for (const { user, reply } of rounds) places.push(await say(store, { after: places.at(-1), user, reply }))
    const end = await say(store, { after: places.at(-1), user: 'the question' })
    await store.embeddings.add(
      places.map(({ requestId }, at) => ({
        requestId,
        digest: '00'.repeat(32),
        vector: embed(`${rounds[at]?.user} ${rounds[at]?.reply}`, space.dimensions),
      })),
      space,
    )
    const fullText = (how: 'and' | 'or' | 'smoothed', text: string) =>
      byFullText(database.query, { conversation: end.conversation, how, text })
    const placeOf = new Map(places.map(({ reply }, at) => [reply, at]))
    for (const { text, kind, evidence } of questions) {
      const exact = questionWords(text)
      const words = [...exact, ...wordBeginnings(exact)]
      const ask = { scope: { tenant: 'default', principal: 'ada' }, reply: end.reply, words }
      const plain = await store.recall.path(ask)
      const near = await store.recall.path({
        ...ask,
        nearTo: { model: space.model, vector: embed(text, space.dimensions) },
      })
      const orders: Record<Method, readonly string[]> = {
        'all words (AND), ts_rank_cd': await fullText('and', text),
        'any word (OR), ts_rank_cd': await fullText('or', text),
        'OR + smoothing': await fullText('smoothed', text),
        'llmr, by words alone': rankRounds(plain).map(({ reply }) => reply),
        "llmr, with the simulated engine's vectors": rankRounds(near).map(({ reply }) => reply),
      }
      for (const method of methods) {
        const found = orders[method].map((reply) => placeOf.get(reply) ?? -1)
        const share = (most: number) =>
          evidence.filter((at) => found.slice(0, most).includes(at)).length / evidence.length
        hits.push({ method, kind, at10: share(10), at4: share(4) })
      }
    }
  }
  await database.close()
  await store.close()
  return methods.flatMap((method) =>
    (['direct', 'paraphrase', 'follow-up', 'misspelled', 'all'] as const).flatMap((kind) => {
      const of = hits.filter((hit) => hit.method === method && (kind === 'all' || hit.kind === kind))
      if (of.length === 0) return []
      const mean = (read: (hit: (typeof of)[number]) => number) =>
        of.reduce((sum, hit) => sum + read(hit), 0) / of.length
      return {
        method,
        kind,
        recallAt10: mean(({ at10 }) => at10),
        recallAt4: mean(({ at4 }) => at4),
        questions: of.length,
      }
    }),
  )
}

/** What the database ranks by itself: all words or any, and any with what a round lends to its neighbours. */
async function byFullText(
  query: Kysely<Tables>,
  { conversation, how, text }: { conversation: string; how: 'and' | 'or' | 'smoothed'; text: string },
): Promise<readonly string[]> {
  const all = sql`plainto_tsquery('simple', ${text})`
  const question = how === 'and' ? all : sql`replace(${all}::text, '&', '|')::tsquery`
  const { rows } = await sql<{ reply: string; rank: number }>`
    select reply::text, case when ts @@ ${question} then ts_rank_cd(ts, ${question}) else 0 end as rank
    from llmr.chat_pair where conversation = ${conversation} order by depth`.execute(query)
  const own = rows.map(({ rank }) => rank)
  const at = (place: number): number => own[place] ?? 0
  const scored = rows.map(({ reply, rank }, place) => {
    if (how !== 'smoothed') return { reply, score: rank }
    const near = 0.35 * (at(place - 1) + at(place + 1)) + 0.15 * (at(place - 2) + at(place + 2))
    return { reply, score: rank + near }
  })
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .map(({ reply }) => reply)
}
