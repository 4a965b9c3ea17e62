import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readGguf } from '../../../src/profiles/fit/read-gguf.ts'
import { findWeights } from '../../../src/profiles/import/find-weights.ts'
import { importFromText } from '../../../src/profiles/import/import-source.ts'
import { readOllamaFiles } from '../../../src/profiles/import/read-ollama-files.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('the header of weights says what memory they take, to the byte', async () => {
  const file = join(temporaryFolder(), 'tiny.gguf')
  const bytes = tinyGguf({ pooling: 'rank', contextLength: 4096 })
  writeFileSync(file, bytes)
  const facts = await readGguf(file)
  expect(facts).toMatchObject({
    architecture: 'llama',
    name: 'tiny',
    trainedContext: 4096,
    pooling: 'rank',
    embeddingLength: 64,
  })
  expect(facts.layers).toMatchObject([{ keyWidth: 64, valueWidth: 64 }])
  // Four matrices of 64 × 64, three of 64 × 128 and two norms, all float32.
  expect(facts.layers[0]?.weightBytes).toBe(4 * (4 * 64 * 64 + 3 * 64 * 128 + 2 * 64))
  expect(facts.inputBytes).toBe(4 * 64 * facts.vocabularySize)
})

test('what is no GGUF, or is cut off, is refused in a sentence', async () => {
  const folder = temporaryFolder()
  const cut = join(folder, 'cut.gguf')
  writeFileSync(cut, tinyGguf().subarray(0, 3_000))
  const half = join(folder, 'half.gguf')
  writeFileSync(half, tinyGguf().subarray(0, 200_000))
  const text = join(folder, 'text.gguf')
  writeFileSync(text, 'not weights at all')
  for (const file of [cut, half, text, join(folder, 'none.gguf')]) {
    await expect(readGguf(file)).rejects.toMatchObject({ code: 'invalid_request' })
  }
})

test('weights are found below a folder, split ones once, with the projector beside them', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'vision'))
  mkdirSync(join(folder, '.cache'))
  writeFileSync(join(folder, 'a-Q8_0.gguf'), tinyGguf())
  writeFileSync(join(folder, 'vision/b.gguf'), tinyGguf())
  writeFileSync(join(folder, 'vision/mmproj-b.gguf'), tinyGguf())
  writeFileSync(join(folder, '.cache/c.gguf'), tinyGguf())
  writeFileSync(join(folder, 'split-00002-of-00002.gguf'), tinyGguf())
  writeFileSync(join(folder, 'broken.gguf'), 'x')
  const found = await findWeights(folder)
  expect(
    found.map(({ file, mmproj, problem }) => [file.slice(folder.length), mmproj !== undefined, problem !== undefined]),
  ).toEqual([
    ['/a-Q8_0.gguf', false, false],
    ['/broken.gguf', false, true],
    ['/vision/b.gguf', true, false],
  ])
})

test('the files behind a name of Ollama are found by its manifest, and no name leads out of its folder', async () => {
  const folder = temporaryFolder()
  const digest = 'a'.repeat(64)
  const manifests = join(folder, 'manifests/registry.ollama.ai/library/qwen3')
  mkdirSync(manifests, { recursive: true })
  mkdirSync(join(folder, 'blobs'))
  writeFileSync(join(folder, 'blobs', `sha256-${'b'.repeat(64)}`), '{"temperature":0.6}')
  const layers = [
    { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` },
    { mediaType: 'application/vnd.ollama.image.params', digest: `sha256:${'b'.repeat(64)}` },
    { mediaType: 'application/vnd.ollama.image.projector', digest: 'sha256:../../etc/passwd' },
  ]
  writeFileSync(join(manifests, '8b'), JSON.stringify({ layers }))
  expect(await readOllamaFiles('qwen3:8b', folder)).toEqual({
    model: join(folder, 'blobs', `sha256-${digest}`),
    parameters: { temperature: 0.6 },
  })
  expect(await readOllamaFiles('qwen3', folder)).toBeUndefined()
  expect(await readOllamaFiles('../../../../qwen3:8b', folder)).toEqual(await readOllamaFiles('qwen3:8b', folder))
})

test.each([
  ['NAME ID SIZE\nqwen3:8b x 1 GB', 'backends'],
  ['[a]\nctx-size = 1\n', 'profiles'],
  ['models: {a: {cmd: "serve"}}', 'profiles'],
])('%j is recognised by what it is', async (text, section) => {
  expect(Object.keys((await importFromText(text))?.document ?? {})).toContain(section)
})

test('a text that is nothing of these is not recognised', async () => {
  expect(await importFromText('hello: world')).toBeUndefined()
  expect(await importFromText('')).toBeUndefined()
})
