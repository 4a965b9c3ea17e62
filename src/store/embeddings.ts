import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { SpokenRound } from '../core/conversation-path.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { Vector, VectorSpace } from '../core/embedder.ts'
import type { PairNotice } from '../core/pair-notice.ts'
import type { Tables } from './database.ts'
import { addFlowSteps, type WorkDone } from './flow-steps.ts'

/** A round without a vector. */
export interface BareRound extends SpokenRound {
  readonly requestId: string
}

export interface RoundVector {
  readonly requestId: string
  /** Of the text that it is the vector of: SHA-256 in hex. */
  readonly digest: string
  readonly vector: Vector
}

/** The table `embedding`. Every method rejects when the database fails. */
export class Embeddings {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /** Of these requests' rounds those that have no vector in this space. What is not there any more needs none. */
  async missing(requestIds: readonly string[], space: VectorSpace): Promise<readonly BareRound[]> {
    if (requestIds.length === 0) return []
    const { rows } = await sql<BareRound>`
      select request_id as "requestId", user_text as "userText", reply_text as "replyText" from llmr.chat_pair pair
      where request_id = any(${requestIds}::text[]) and not ${hasVector(space)}
      order by request_id`.execute(this.#query)
    return rows
  }

  /** Vectors of texts that were made before, for whatever round: by digest. */
  async ofTexts(digests: readonly string[], { model, dimensions }: VectorSpace): Promise<ReadonlyMap<string, Vector>> {
    if (digests.length === 0) return new Map()
    const { rows } = await sql<{ digest: string; vector: string }>`
      select distinct on (content_sha) encode(content_sha, 'hex') as digest, vector::text as vector
      from unnest(${digests}::text[]) as given (digest)
        join llmr.embedding on content_sha = decode(given.digest, 'hex')
      where model = ${model} and dimensions = ${dimensions}`.execute(this.#query)
    return new Map(rows.map(({ digest, vector }) => [digest, JSON.parse(vector) as Vector]))
  }

  /**
   * One that is there in this space stays, one of the same model in another is replaced. All or none, and with them, in the
   * lineage of their requests, how they were made.
   */
  async add(vectors: readonly RoundVector[], space: VectorSpace, done?: WorkDone): Promise<void> {
    if (vectors.length === 0) return
    await this.#query.transaction().execute(async (transaction) => {
      const added = await insertVectors(transaction, vectors, space)
      if (done === undefined) return
      const facts = { dimensions: space.dimensions, ...done.facts }
      const steps = added.map((round) => ({ ...round, ...done, type: 'embed', ref: space.model, facts }) as const)
      await addFlowSteps(transaction, steps, done)
    })
  }

  /**
   * Of so many rounds behind this one those that have no vector in this space, and where to go on: for a model that came
   * later. However many rounds there are, one look is short.
   */
  async lacking(
    space: VectorSpace,
    { after, window }: { readonly after: string; readonly window: number },
  ): Promise<{ readonly rounds: readonly PairNotice[]; readonly next: string | undefined }> {
    const { rows } = await sql<PairNotice & { readonly isLacking: boolean }>`
      select request_id as "requestId", coalesce(correlation_id, '') as "correlationId", principal,
        not ${hasVector(space)} as "isLacking"
      from llmr.chat_pair pair where request_id > ${after} order by request_id limit ${window}`.execute(this.#query)
    const rounds = rows.flatMap(({ isLacking, ...round }) => (isLacking ? [round] : []))
    return { rounds, next: rows.length < window ? undefined : rows.at(-1)?.requestId }
  }
}

function hasVector({ model, dimensions }: VectorSpace) {
  return sql`exists (
    select 1 from llmr.embedding
    where embedding.request_id = pair.request_id and model = ${model} and dimensions = ${dimensions}
  )`
}

/** Resolves to those whose rounds have another vector now than before. */
async function insertVectors(
  query: Kysely<Tables>,
  vectors: readonly RoundVector[],
  { model, dimensions }: VectorSpace,
): Promise<readonly (MemoryScope & Pick<BareRound, 'requestId'>)[]> {
  const { rows } = await sql<MemoryScope & Pick<BareRound, 'requestId'>>`
      insert into llmr.embedding (request_id, model, dimensions, content_sha, conversation, depth, vector, tenant)
      select pair.request_id, ${model}, ${dimensions}::integer, decode(given.digest, 'hex'), pair.conversation, pair.depth,
        given.vector::halfvec, pair.tenant
      from unnest(
        ${vectors.map(({ requestId }) => requestId)}::text[],
        ${vectors.map(({ digest }) => digest)}::text[],
        ${vectors.map(({ vector }) => JSON.stringify(vector))}::text[]
      ) as given (request_id, digest, vector)
        join llmr.chat_pair pair on pair.request_id = given.request_id
      on conflict (request_id, model) do update
        set dimensions = excluded.dimensions, content_sha = excluded.content_sha, vector = excluded.vector
        where embedding.dimensions <> excluded.dimensions
      returning embedding.request_id as "requestId",
        embedding.tenant,
        (select principal from llmr.chat_pair where chat_pair.request_id = embedding.request_id) as principal`.execute(
    query,
  )
  return rows
}
