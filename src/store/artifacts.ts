import { randomUUID } from 'node:crypto'

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { FileRead } from '../core/file-read.ts'
import type { Tables } from './database.ts'
import { storable, storableOrNull } from './storable-text.ts'

/** The tables `artifact` and `artifact_use`. Every method rejects when the database fails. */
export class Artifacts {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /**
   * Keeps files that were read, each once for its path and content, and that a request's reply was given them. All or none;
   * the same may be kept any number of times, before its request has a place as well as after.
   */
  async keep(reads: readonly FileRead[]): Promise<void> {
    if (reads.length === 0) return
    await this.#query.transaction().execute(async (transaction) => {
      await addArtifacts(transaction, reads)
      await addUses(transaction, reads)
    })
  }

  /** These requests have a place by now: so have the files that they brought. */
  async link(requestIds: readonly string[]): Promise<void> {
    if (requestIds.length === 0) return
    await sql`
      update llmr.artifact_use set reply = reply.id from llmr.reply
      where artifact_use.request_id = any(${requestIds}::text[]) and artifact_use.reply is null
        and reply.request_id = artifact_use.request_id`.execute(this.#query)
  }
}

async function addArtifacts(query: Kysely<Tables>, reads: readonly FileRead[]): Promise<void> {
  // One statement must not come upon the same row twice.
  const files = [...new Map(reads.map((read) => [fileKey(read), read])).values()]
  await sql`
    insert into llmr.artifact (id, tenant, principal, kind, uri, sha256, bytes, content)
    select given.id, tenant, principal, 'file', uri, decode(sha256, 'hex'), bytes, content
    from unnest(
      ${files.map(() => randomUUID())}::uuid[], ${files.map(({ tenant }) => storable(tenant))}::text[],
      ${files.map(({ principal }) => storable(principal))}::text[], ${files.map(({ path }) => storable(path))}::text[],
      ${files.map(({ sha256 }) => sha256)}::text[], ${files.map(({ bytes }) => bytes)}::integer[],
      ${files.map(({ content }) => storableOrNull(content))}::text[]
    ) as given (id, tenant, principal, uri, sha256, bytes, content)
    on conflict (tenant, principal, uri, sha256) do update set content = coalesce(artifact.content, excluded.content)`.execute(
    query,
  )
}

async function addUses(query: Kysely<Tables>, reads: readonly FileRead[]): Promise<void> {
  await sql`
    insert into llmr.artifact_use (request_id, call_id, artifact, reply, tenant)
    select given.request_id, given.call_id, artifact.id, reply.id, artifact.tenant
    from unnest(
      ${reads.map(({ requestId }) => requestId)}::text[], ${reads.map(({ callId }) => storable(callId))}::text[],
      ${reads.map(({ tenant }) => storable(tenant))}::text[], ${reads.map(({ principal }) => storable(principal))}::text[],
      ${reads.map(({ path }) => storable(path))}::text[], ${reads.map(({ sha256 }) => sha256)}::text[]
    ) as given (request_id, call_id, tenant, principal, uri, sha256)
      join llmr.artifact on artifact.tenant = given.tenant and artifact.principal = given.principal
        and artifact.uri = given.uri and artifact.sha256 = decode(given.sha256, 'hex')
      left join llmr.reply on reply.request_id = given.request_id and reply.tenant = given.tenant
        and reply.principal = given.principal
    on conflict do nothing`.execute(query)
}

function fileKey({ tenant, principal, path, sha256 }: FileRead): string {
  return JSON.stringify([tenant, principal, path, sha256])
}
