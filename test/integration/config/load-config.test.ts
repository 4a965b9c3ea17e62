import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { createKey } from '../../../src/config/create-key.ts'
import { addKey, keysFile } from '../../../src/config/keys-file.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import type { Surroundings } from '../../../src/config/locations.ts'
import { processSurroundings } from '../../../src/config/locations.ts'
import { openConfig } from '../../../src/config/open-config.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/tls')
const certificate = readFileSync(join(fixtures, 'localhost.cert.pem'), 'utf8')
const privateKey = readFileSync(join(fixtures, 'localhost.key.pem'), 'utf8')

const common = { backendKinds: ['vllm'], env: {} }

function write(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

test('without a file everything has its default', async () => {
  const { config, file } = await loadConfig({ ...common, file: undefined })
  expect(file).toBeUndefined()
  expect(config.listen.host).toBe('127.0.0.1')
})

test('a file that cannot be read is a problem like the others', async () => {
  const folder = write({})
  await expect(loadConfig({ ...common, file: join(folder, 'none.yaml') })).rejects.toMatchObject({
    code: 'invalid_config',
    problems: [{ code: 'unreadable', message: 'there is no such file' }],
  })
  await expect(loadConfig({ ...common, file: folder })).rejects.toThrow('expected a file, got a folder')
})

test('certificates are looked for beside the file, and each that is not there is told', async () => {
  const folder = write({
    'cert.pem': certificate,
    'key.pem': privateKey,
    'llmr.yaml': 'listen: {tls: {cert: cert.pem, key: key.pem}}',
    'gone.yaml':
      'listen: {tls: {cert: no.pem, key: key.pem}}\nbackends:\n  a: {url: https://a, tls: {ca: no-ca.pem}}\n  b: {url: https://b, tls: {ca: cert.pem}}',
  })
  const good = await loadConfig({ ...common, file: join(folder, 'llmr.yaml'), checkFiles: true })
  expect(good.config.listen.tls?.cert).toBe(join(folder, 'cert.pem'))

  const gone = { ...common, file: join(folder, 'gone.yaml') }
  await expect(loadConfig({ ...gone, checkFiles: true })).rejects.toMatchObject({
    problems: [
      { path: 'listen.tls.cert', line: 1, code: 'unreadable', message: expect.stringContaining('no.pem') },
      { path: 'backends.a.tls.ca', line: 3, code: 'unreadable' },
    ],
  })
  await expect(loadConfig(gone)).resolves.toBeDefined()
})

test("a key that is another certificate's is told before it is needed", async () => {
  const { privateKey: otherKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const folder = write({
    'cert.pem': certificate,
    'key.pem': otherKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'llmr.yaml': 'listen:\n  tls: {cert: cert.pem, key: key.pem}',
  })
  await expect(loadConfig({ ...common, file: join(folder, 'llmr.yaml'), checkFiles: true })).rejects.toMatchObject({
    problems: [{ path: 'listen.tls', line: 2, message: expect.stringContaining('its private key') }],
  })
})

function surroundings(folder: string): Surroundings {
  return {
    ...processSurroundings(),
    env: { LLMR_DATA: join(folder, 'data') },
    workingDirectory: folder,
    homeDirectory: folder,
  }
}

test('stored keys are found, and let an address be bound that others can reach', async () => {
  const folder = write({ 'llmr.yaml': 'listen: {host: 0.0.0.0}' })
  const options = { flag: undefined, backendKinds: [], surroundings: surroundings(folder) }
  await expect(openConfig(options)).rejects.toMatchObject({ problems: [{ code: 'no_auth' }] })

  await addKey(keysFile(join(folder, 'data')), { name: 'a', sha256: createKey().sha256 })
  expect(await openConfig(options)).toMatchObject({
    file: join(folder, 'llmr.yaml'),
    location: { origin: 'working directory' },
    dataDirectory: join(folder, 'data'),
    storedKeys: [{ name: 'a' }],
  })
})

test('two files that are wrong are both told of', async () => {
  const folder = write({ 'llmr.yaml': 'prot: 1' })
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/keys.json'), '{"format": "llmr-keys", "version": 1,\n "keys": [{"nam": "a"}]}')
  const opened = openConfig({ flag: undefined, backendKinds: [], surroundings: surroundings(folder) })
  await expect(opened).rejects.toMatchObject({
    problems: [
      { file: join(folder, 'data/keys.json'), line: 2, path: 'keys[0].name', code: 'missing_key' },
      { file: join(folder, 'data/keys.json'), line: 2, path: 'keys[0].sha256', code: 'missing_key' },
      { file: join(folder, 'data/keys.json'), line: 2, path: 'keys[0].nam', code: 'unknown_key' },
      { file: join(folder, 'llmr.yaml'), line: 1, path: 'prot', code: 'unknown_key' },
    ],
  })
})
