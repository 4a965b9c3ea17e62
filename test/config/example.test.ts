import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { backendKinds } from '../../src/backends/backend-kinds.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { readProfileFiles } from '../../src/config/profiles/read-profile-files.ts'

const file = join(import.meta.dirname, '../../docs/llmr.example.yaml')
const text = readFileSync(file, 'utf8')

test('docs/llmr.example.yaml can be used as it is, once its variables are set', () => {
  const env = { ATTIC_API_KEY: 'a', CLOUD_API_KEY: 'b' }
  const { config, warnings } = parseConfig({ text, file, backendKinds, env, hasStoredKeys: false })
  expect(warnings).toEqual([])
  expect(Object.keys(config.backends)).toEqual(['tower', 'attic', 'cloud'])
  expect(config.listen.port).toBe(8411)
})

test('docs/configuration.md shows files that can be used', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8')
  const snippets = Array.from(page.matchAll(/^```yaml\n([\s\S]*?)^```/gm), ([, snippet = '']) => snippet)
  expect(snippets.length).toBeGreaterThan(0)
  for (const snippet of snippets) {
    expect(parseConfig({ text: snippet, file, backendKinds, env: {} }).warnings).toEqual([])
  }
})

test('what README and the page on where to start show can be used as it stands', async () => {
  const home = join(import.meta.dirname, '../..')
  const env = { HOME: '/home/me', CLOUD_KEY: 'a', TOWER_KEY: 'b', ATTIC_KEY: 'c' }
  const profileFiles = await readProfileFiles({ configFile: undefined, text: '', isAll: true })
  for (const name of ['README.md', 'docs/start.md']) {
    const page = readFileSync(join(home, name), 'utf8')
    const snippets = Array.from(page.matchAll(/^```yaml\n([\s\S]*?)^```/gm), ([, snippet = '']) => snippet)
    expect(snippets.length).toBeGreaterThan(1)
    for (const snippet of snippets) {
      expect([name, parseConfig({ text: snippet, file, backendKinds, env, profileFiles }).warnings]).toEqual([name, []])
    }
  }
})
