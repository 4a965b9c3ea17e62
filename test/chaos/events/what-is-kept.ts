import { Client } from 'pg'

export interface Kept {
  /** What the model said, by the id of the request. */
  readonly replies: ReadonlyMap<string, string>
  readonly twice: readonly string[]
}

/** What the store has of requests, read past llmr. */
export async function whatIsKept(databaseUrl: string): Promise<Kept> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ id: string; said: string | null }>(
      `select request_id as id, output->0->>'text' as said from llmr.reply where output is not null`,
    )
    const replies = new Map<string, string>()
    const twice: string[] = []
    for (const { id, said } of rows) {
      if (replies.has(id)) twice.push(id)
      replies.set(id, said ?? '')
    }
    return { replies, twice }
  } finally {
    await client.end()
  }
}
