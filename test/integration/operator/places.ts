import { writeGatewayFile } from '../../../src/gateway/operating/gateway-file.ts'
import type { StoreLocation } from '../../../src/store/open-database.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { type LlmrRun, runLlmr } from '../../support/run-llmr.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { turnEvent } from '../../support/turn-events.ts'
import { say } from '../memory/say.ts'
import { engines, openTestStore } from '../store/engines.ts'

export interface Kept {
  readonly conversation: string
  readonly requestId: string
  /** Of another tenant, and about the same. */
  readonly elsewhere: string
}

/** Where what is kept may be when an operator asks for it. */
export interface Place {
  readonly name: string
  readonly skip: string | undefined
  readonly open: () => Promise<{
    readonly kept: Kept
    /** `llmr` as the operator of that place runs it. */
    readonly llmr: (...args: readonly string[]) => Promise<LlmrRun>
    readonly close: () => Promise<void>
  }>
}

const [pglite, postgresql] = engines

export const places: readonly Place[] = [
  {
    name: 'a running gateway that holds the embedded store',
    skip: undefined,
    async open() {
      const { location, dataDirectory } = await embedded()
      const store = await openTestStore(location)
      const kept = await fill(store)
      const gateway = await startTestGateway('memory: {keep: on}', {
        dataDirectory,
        openStore: () => Promise.resolve(store),
        side: { workers: () => [], openBroker: undefined },
      })
      return { kept, llmr: (...args) => runLlmr([...args, '--data', dataDirectory]), close: () => gateway.close() }
    },
  },
  {
    name: 'the embedded store of a gateway that was killed',
    skip: undefined,
    async open() {
      const { location, dataDirectory } = await embedded()
      const store = await openTestStore(location)
      const kept = await fill(store)
      await store.close()
      leaveWord(dataDirectory)
      return { kept, llmr: (...args) => runLlmr([...args, '--data', dataDirectory]), close: () => Promise.resolve() }
    },
  },
  {
    name: 'a PostgreSQL server without a gateway',
    skip: postgresql?.skip,
    async open() {
      const location = await postgresql!.emptyPlace()
      const store = await openTestStore(location)
      const kept = await fill(store)
      await store.close()
      const DATABASE_URL = location.engine === 'postgresql' ? location.databaseUrl : ''
      const env = { DATABASE_URL, LLMR_DATA: '/nonexistent/llmr' }
      return { kept, llmr: (...args) => runLlmr(args, { env }), close: () => Promise.resolve() }
    },
  },
]

export async function embedded(): Promise<{ location: StoreLocation; dataDirectory: string }> {
  const location = await pglite!.emptyPlace()
  if (location.engine !== 'pglite') throw new Error('expected the embedded store')
  return { location, dataDirectory: location.dataDirectory }
}

/** As a gateway leaves it that was killed: nobody listens there any more. */
export function leaveWord(dataDirectory: string, url = 'http://127.0.0.1:9'): void {
  writeGatewayFile(dataDirectory, { url, pid: 4_194_304, instance_id: 'gone', admin_key: 'of no use' })
}

const events = 3

/** Two tenants that spoke about the same; one event of three was put aside, and one request told its way. */
async function fill(store: Store): Promise<Kept> {
  const { conversation, requestId } = await say(store, { user: 'The boiler hums.', reply: 'Bleed it.', name: 'boiler' })
  const globex = { tenant: 'globex', principal: 'bob' }
  const other = await say(store, { scope: globex, user: 'A boiler of another house.', reply: 'Good.' })
  const consumer = await store.bus.consumer({ name: 'persist', subjects: ['pipeline.>'], ackWaitMs: 60_000 })
  await store.bus.publish(Array.from({ length: events }, (_, n) => turnEvent(n === 0 ? requestId : `waiting-${n}`)))
  const [first] = await consumer.fetch({ most: 1, waitMs: 5_000 })
  if (first === undefined) throw new Error('no event')
  await consumer.bury(first, 'expected a text')
  await store.flows.add(
    [
      {
        tenant: 'default',
        principal: 'ada',
        requestId,
        correlationId: 'my-run',
        operation: 'chat',
        status: 200,
        startedAtMs: Date.now(),
        durationMs: 900,
        steps: [{ type: 'request', startedUs: 0, durationUs: 900_000 }],
        edges: [],
        sources: [],
      },
    ],
    { keepMs: 86_400_000 },
  )
  return { conversation, requestId, elsewhere: other.conversation }
}
