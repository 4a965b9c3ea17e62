import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll } from 'vitest'

import { packageRoot } from '../../src/core/package-root.ts'
import { storeFolder } from '../../src/store/store-folder.ts'
import { openPglite } from '../../src/store/pglite/open-pglite.ts'
import { pgliteMajor } from '../../src/store/pglite/pglite-folder.ts'

const folders: string[] = []

/** A data folder with an empty embedded database: making one takes seconds, copying one does not. Gone after the tests. */
export async function emptyPglite(): Promise<string> {
  const seed = await seedFolder()
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-store-'))
  folders.push(folder)
  cpSync(seed, folder, { recursive: true })
  return folder
}

/** Kept between runs, one for each version of the engine. */
async function seedFolder(): Promise<string> {
  const cache = join(packageRoot(), '.test-cache')
  const seed = join(cache, `pglite-${pgliteMajor}`)
  if (existsSync(seed)) return seed
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'making-'))
  const database = await openPglite(storeFolder(folder))
  await database.close()
  try {
    renameSync(folder, seed)
  } catch {
    rmSync(folder, { recursive: true }) // another test file was faster
  }
  return seed
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
