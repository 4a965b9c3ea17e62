import { expect, test, vi } from 'vitest'

import { openConnection } from '../../../src/backends/connection.ts'
import { describeBackend } from '../../../src/backends/describe-backend.ts'
import type { BackendSettings } from '../../../src/core/backend.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { LaneBook } from '../../../src/gateway/lanes/lane-book.ts'
import type { LaneBackend } from '../../../src/gateway/lanes/lane-backend.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { runLlmr } from '../../support/run-llmr.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()
const leaked: Script = { content: '<tool_call>{"name": "read_harbour_log", "arguments": {"day": 3}}</tool_call>' }

async function startEngine(script?: Script) {
  return keep(
    await startSimulatedEngine({
      model: 'm',
      script: ({ path }) => (path === '/v1/chat/completions' ? script : undefined),
    }),
  )
}

async function backendAt(url: string, settings: Partial<BackendSettings> = {}): Promise<LaneBackend> {
  const connection = keep(openConnection(backendSettings({ url, kind: 'llama.cpp', ...settings }), patientLimits))
  const description = await describeBackend(connection, { timeoutMs: 5_000 })
  return { settings: connection.settings, connection, description, inFlight: 0 }
}

function openBook(dataDirectory?: string, mayProbe = true): LaneBook {
  const parts = { dataDirectory, mayProbe: () => mayProbe, clock: systemClock, logger: silentLogger, probeIdleMs: 0 }
  return keep(new LaneBook(parts))
}

function candidateOf(backend: LaneBackend, isLoaded = true) {
  const [description] = backend.description?.models ?? []
  if (description === undefined) throw new Error('the engine lists no model')
  return { backend: 'gpu', trust: backend.settings.trust, model: 'm', description: { ...description, isLoaded } }
}

test('an idle model that requests with tools come for is tried, and found to call as it should', async () => {
  const engine = await startEngine()
  const backend = await backendAt(engine.url)
  const book = openBook()
  expect(book.choose(backend, candidateOf(backend)).reason).toBe('the engine takes tools')
  book.arrives(backend, candidateOf(backend), true)
  await vi.waitFor(() =>
    expect(book.choose(backend, candidateOf(backend))).toMatchObject({
      lane: 'native',
      reason: 'it calls tools when told to',
    }),
  )
  expect(engine.requests.filter(({ path }) => path === '/v1/chat/completions')).toHaveLength(4)
  book.arrives(backend, candidateOf(backend), true)
  await book.close()
  expect(engine.requests.filter(({ path }) => path === '/v1/chat/completions')).toHaveLength(4)
})

test('one whose calls stay in the text is put on the raw lane, and another gateway of this machine knows it', async () => {
  const backend = await backendAt((await startEngine(leaked)).url)
  const folder = temporaryFolder()
  const book = openBook(folder)
  book.arrives(backend, candidateOf(backend), true)
  await vi.waitFor(() => expect(book.choose(backend, candidateOf(backend)).lane).toBe('raw'))
  await book.close()
  expect(openBook(folder).choose(backend, candidateOf(backend))).toMatchObject({
    lane: 'raw',
    reason: 'the engine leaves calls in its text',
  })
})

test.each<[string, Partial<BackendSettings>, boolean, boolean, boolean]>([
  ['would have to be loaded', {}, false, true, true],
  ['is in a cloud', { trust: 'cloud' }, true, true, true],
  ['costs money', { isPaid: true }, true, true, true],
  ['gets no requests with tools', {}, true, false, true],
  ['is not to be tried', {}, true, true, false],
])('a model that %s is not tried', async (_, settings, isLoaded, hasTools, mayProbe) => {
  const engine = await startEngine()
  const tried = await startEngine()
  const book = openBook(undefined, mayProbe)
  const left = await backendAt(engine.url, { name: 'left', ...settings })
  book.arrives(left, candidateOf(left, isLoaded), hasTools)
  if (mayProbe) {
    // One behind it in the queue has been tried: it has had its turn.
    const other = await backendAt(tried.url, { name: 'other' })
    book.arrives(other, candidateOf(other), true)
    await vi.waitFor(() => expect(book.record(other, 'm').probed).toBeDefined())
  }
  await book.close()
  expect(engine.requests.some(({ path }) => path === '/v1/chat/completions')).toBe(false)
})

test(
  'the command tries a model on demand, says its lane, and remembers it for the gateway',
  { timeout: 30_000 },
  async () => {
    const engine = await startEngine(leaked)
    const LLMR_DATA = temporaryFolder()
    const { stdout } = await runLlmr(['backends', 'probe', '--url', engine.url, '--live'], { env: { LLMR_DATA } })
    expect(stdout).toMatch(
      /ok +lane +m +raw: the engine leaves calls in its text, since \d{4}-\d\d-\d\d; calls as hermes_json, by its template/,
    )
    const backend = await backendAt(engine.url)
    expect(openBook(LLMR_DATA).choose(backend, candidateOf(backend)).lane).toBe('raw')
  },
)
