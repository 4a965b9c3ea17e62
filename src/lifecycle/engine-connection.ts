import { openConnection } from '../backends/connection.ts'
import type { Connection } from '../backends/connection.ts'

/** Longer than any of the engine's own answers that llmr waits for here; each wait has a shorter bound of its own. */
const answerMaxMs = 600_000

/** For llmr's own questions to an engine that it runs: is it ready, sleep, save. Requests of clients go another way. */
export function openEngineConnection({ name, url }: { readonly name: string; readonly url: string }): Connection {
  return openConnection(
    { name, url, kind: 'auto', trust: 'local', headers: {}, weight: 1, isPaid: false },
    { connectTimeoutMs: 2_000, firstByteTimeoutMs: answerMaxMs, idleTimeoutMs: answerMaxMs },
  )
}
