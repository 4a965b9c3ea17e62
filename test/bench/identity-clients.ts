import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openTestStore, pgliteAt, postgresqlAt } from '../integration/store/places.ts'
import { playHostileClients } from '../support/memory/hostile-clients.ts'
import { verdictTable } from '../support/memory/verdict-table.ts'

/**
 * node test/bench/identity-clients.ts [CHATS] [SEED]: clients that edit, cut, sum up and repeat, and all say the same few
 * things, and how often each was put below the reply that it went on from. On the database of `DATABASE_URL`, else on the
 * embedded one.
 */
const chats = Number(process.argv[2] ?? 330)
const seed = Number(process.argv[3] ?? 1)
const databaseUrl = process.env['DATABASE_URL']
const folder = mkdtempSync(join(tmpdir(), 'llmr-bench-identity-'))
const store = await openTestStore(databaseUrl === undefined ? pgliteAt(folder) : postgresqlAt(databaseUrl))
const verdicts = await playHostileClients({ store: store.conversations, seed, chats, turnsMax: 10, atOnce: 32 })
console.log(`${store.engine}, ${chats} chats, seed ${seed}\n${verdictTable(verdicts)}`)
for (const verdict of verdicts.filter(({ outcome }) => outcome === 'wrong').slice(0, 20)) console.log(verdict)
await store.close()
rmSync(folder, { recursive: true })
