import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { createKey } from '../../../src/config/create-key.ts'
import { addKey, keysFile, readKeys, revokeKey } from '../../../src/config/keys-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function newFile(): string {
  return keysFile(join(temporaryFolder(), 'data', 'llmr'))
}

test('a created key has 256 random bits and is kept only as its SHA-256', async () => {
  const file = newFile()
  const { secret, sha256 } = createKey()
  await addKey(file, { name: 'laptop', sha256 })

  expect(secret).toMatch(/^llmr_[A-Za-z0-9_-]{43}$/)
  expect(sha256).toBe(createHash('sha256').update(secret).digest('hex'))
  expect(createKey().secret).not.toBe(secret)
  expect(readFileSync(file, 'utf8')).not.toContain(secret.slice(5))
})

test('without a file there are no keys, and reading does not make one', async () => {
  const file = newFile()
  expect(await readKeys(file)).toEqual([])
  expect(existsSync(file)).toBe(false)
})

test('an added key comes back with the defaults of the configuration', async () => {
  const file = newFile()
  const { sha256 } = createKey()
  const added = await addKey(file, { name: 'ci', sha256, models: ['qwen*'], expires: '2027-01-31' })
  expect(added).toEqual({
    name: 'ci',
    sha256,
    tenant: 'default',
    scopes: ['chat'],
    models: ['qwen*'],
    expires: '2027-01-31',
    trust_user_headers: false,
  })
  expect(await readKeys(file)).toEqual([added])
})

test('only the owner can read the file and enter its folder', async () => {
  const file = newFile()
  await addKey(file, { name: 'one', sha256: createKey().sha256 })
  await addKey(file, { name: 'two', sha256: createKey().sha256 })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
  expect(readdirSync(join(file, '..'))).toEqual(['keys.json'])
})

test('keys added at the same moment are all kept', async () => {
  const file = newFile()
  const names = Array.from({ length: 8 }, (_, index) => `key-${index}`)
  await Promise.all(names.map((name) => addKey(file, { name, sha256: createKey().sha256 })))
  expect((await readKeys(file)).map(({ name }) => name).sort()).toEqual(names)
})

test('a name is given once, and a refused key leaves the file as it was', async () => {
  const file = newFile()
  await addKey(file, { name: 'laptop', sha256: createKey().sha256 })
  const before = readFileSync(file, 'utf8')

  await expect(addKey(file, { name: 'laptop', sha256: createKey().sha256 })).rejects.toMatchObject({
    code: 'invalid_request',
    facts: { param: 'name' },
  })
  await expect(addKey(file, { name: 'no spaces', sha256: createKey().sha256 })).rejects.toMatchObject({
    code: 'invalid_request',
    facts: { param: 'name' },
  })
  expect(readFileSync(file, 'utf8')).toBe(before)
})

test('a revoked key is gone and the others stay', async () => {
  const file = newFile()
  for (const name of ['old', 'kept']) await addKey(file, { name, sha256: createKey().sha256 })

  expect(await revokeKey(file, 'old')).toMatchObject({ name: 'old' })
  expect((await readKeys(file)).map(({ name }) => name)).toEqual(['kept'])
  await expect(revokeKey(file, 'old')).rejects.toThrow('it holds kept')
})

test('a damaged file is an error, never an empty list', async () => {
  const file = join(temporaryFolder(), 'keys.json')
  for (const text of ['', '{"format":"llmr-keys"', '[]', '{"format":"llmr-keys","version":2,"keys":[]}']) {
    writeFileSync(file, text)
    await expect(readKeys(file)).rejects.toMatchObject({ code: 'invalid_config' })
    await expect(addKey(file, { name: 'a', sha256: createKey().sha256 })).rejects.toMatchObject({
      code: 'invalid_config',
    })
    expect(readFileSync(file, 'utf8')).toBe(text)
  }
})

test('a change that another process left half done ends with what to do', async () => {
  const file = join(temporaryFolder(), 'keys.json')
  writeFileSync(`${file}.new`, '')
  await expect(addKey(file, { name: 'a', sha256: createKey().sha256 })).rejects.toThrow(/delete this file/)
})
