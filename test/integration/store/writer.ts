import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { openStore } from '../../../src/store/open-store.ts'

/** Puts one response after the other into the store of the folder it is given, and names each once it is confirmed. */
const store = await openStore({
  location: { engine: 'pglite', dataDirectory: process.argv[2] ?? '' },
  migrates: true,
  llmrVersion: '0.0.0-test',
  clock: systemClock,
  logger: silentLogger,
})
for (let n = 0; ; n += 1) {
  const id = `resp_${n}`
  await store.responses.put({
    id,
    tenant: 'default',
    principal: 'writer',
    model: 'tiny',
    status: 'completed',
    createdMs: Date.now(),
    expiresMs: Date.now() + 86_400_000,
    inputItems: [{ text: 'x'.repeat(1_000) }],
    outputItems: [],
    metadata: {},
    fields: {},
  })
  process.stdout.write(`${id}\n`)
}
