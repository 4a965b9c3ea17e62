import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { engines, openTestStore } from '../integration/store/engines.ts'
import { runLlmr } from '../support/run-llmr.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A data folder with an embedded database in which nothing was ever done. */
async function dataFolder(): Promise<string> {
  const place = await engines[0]!.emptyPlace()
  return place.engine === 'pglite' ? place.dataDirectory : ''
}

const json = (stdout: string): unknown => JSON.parse(stdout)

/** Six processes, each with a database to open. */
const timeout = 90_000

test('what a gateway kept is migrated, looked at, backed up and put back elsewhere', { timeout }, async () => {
  const data = await dataFolder()
  const missing = await runLlmr(['migrate', '--status', '--data', data])
  expect(missing).toMatchObject({ code: 3, stdout: expect.stringMatching(/0001-stored-response +missing/) })
  const applied = await runLlmr(['migrate', '--data', data])
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/0001-stored-response +applied +\d{4}-/) })
  expect(applied.stderr).toMatch(/\d applied now.*pglite 18/)

  const store = await openTestStore({ engine: 'pglite', dataDirectory: data })
  await store.responses.put({
    id: 'resp_1',
    tenant: 'default',
    principal: 'alice',
    model: 'tiny',
    status: 'completed',
    createdMs: Date.now(),
    expiresMs: Date.now() + 86_400_000,
    inputItems: [],
    outputItems: [{ text: 'kept' }],
    metadata: {},
    fields: {},
  })
  const locked = await runLlmr(['store', 'backup', '/nowhere', '--data', data])
  expect(locked).toMatchObject({ code: 1, stderr: expect.stringContaining(`in use by process ${process.pid}`) })
  expect(locked.stderr).toContain('→ Stop the gateway for the moment')
  await store.close()

  const file = join(temporaryFolder(), 'llmr.jsonl.gz')
  expect((await runLlmr(['store', 'backup', file, '--data', data])).stdout).toBe(`${file}\n`)
  const elsewhere = await dataFolder()
  const restored = await runLlmr(['store', 'restore', file, '--data', elsewhere, '--json'])
  expect(json(restored.stdout)).toMatchObject({ schema: 'llmr/store-restore/1', rows: { stored_response: 1 } })
  const again = await openTestStore({ engine: 'pglite', dataDirectory: elsewhere })
  expect(await again.responses.get({ tenant: 'default', principal: 'alice', id: 'resp_1' })).toMatchObject({
    outputItems: [{ text: 'kept' }],
  })
  await again.close()
})

test('a configuration that is not usable, and a file that is not there, end in something to do', async () => {
  const folder = temporaryFolder()
  const config = join(folder, 'llmr.yaml')
  writeFileSync(config, 'store: { url: "mysql://db" }\n')
  const unusable = await runLlmr(['migrate', '--config', config])
  expect(unusable).toMatchObject({ code: 1, stderr: expect.stringMatching(/store\.url[\s\S]*→ `llmr config check`/) })
  cpSync(await dataFolder(), folder, { recursive: true })
  const absent = await runLlmr(['store', 'restore', join(folder, 'absent'), '--data', folder])
  expect(absent).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/absent[\s\S]*→ See that the folder is there/),
  })
})
