import { expect, test } from 'vitest'

import { store } from '../../../src/config/sections/store.ts'
import { storeSettings } from '../../../src/gateway/configure/store-settings.ts'

const at = (section: object, env: Readonly<Record<string, string>> = {}) =>
  storeSettings(store.parse(section), { env, dataDirectory: '/data' })

const server = 'postgres://llmr@db/llmr'

test.for([
  ['nothing', {}, {}, { engine: 'pglite', dataDirectory: '/data' }],
  ['DATABASE_URL', {}, { DATABASE_URL: server }, { engine: 'postgresql', databaseUrl: server }],
  ['an empty DATABASE_URL', {}, { DATABASE_URL: '' }, { engine: 'pglite' }],
  ['store.url', { url: server }, { DATABASE_URL: 'postgres://other/' }, { engine: 'postgresql', databaseUrl: server }],
  ['store.url: embedded', { url: 'embedded' }, { DATABASE_URL: server }, { engine: 'pglite' }],
] as const)('where the store is, by %s', ([, section, env, location]) => {
  expect(at(section, env).location).toMatchObject(location)
})

test("another program's DATABASE_URL is not taken for a wish, nor passed over in silence, nor printed", () => {
  const env = { DATABASE_URL: 'mysql://root:hunter2@db/shop' }
  expect(() => at({}, env)).toThrow(/another kind \(mysql\).*store\.url/)
  expect(() => at({}, env)).not.toThrow(/hunter2/)
  expect(at({ url: 'embedded' }, env).location).toMatchObject({ engine: 'pglite' })
})

test('limits and retention come from the configuration, in the units of the store', () => {
  expect(
    at({ url: server, connections: 3, statement_timeout: '2s', auto_migrate: false, responses: { keep: '400d' } }),
  ).toEqual({
    location: { engine: 'postgresql', databaseUrl: server, connectionsMax: 3, statementTimeoutMs: 2_000 },
    migrates: false,
    responsesKeepMs: 400 * 86_400_000,
  })
})

test.for([{ url: 'mysql://db' }, { url: 'llmr' }, { connections: 0 }, { responses: { keep: '3651d' } }])(
  'a store section that cannot be meant is refused: %j',
  (section) => {
    expect(store.safeParse(section).success).toBe(false)
  },
)
