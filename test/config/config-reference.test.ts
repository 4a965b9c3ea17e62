import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { backendKinds } from '../../src/backends/backend-kinds.ts'
import { renderReference } from '../../src/config/config-reference.ts'

const page = join(import.meta.dirname, '../../docs/configuration.md')
const marker = /^<!-- Everything below .* -->$/m

test('docs/configuration.md describes the keys that the schema has', async () => {
  const [introduction = ''] = readFileSync(page, 'utf8').split(marker)
  const [line = ''] = marker.exec(readFileSync(page, 'utf8')) ?? []
  expect(line, 'the line that ends the written part').not.toBe('')
  await expect(`${introduction}${line}\n\n${renderReference(backendKinds)}`).toMatchFileSnapshot(page)
})

test('every key has a meaning, and one that must be given says so', () => {
  const rows = renderReference(['llama.cpp'])
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  expect(rows.length).toBeGreaterThan(80)
  for (const row of rows) expect(row.split(' | ').at(-1)).toMatch(/[.?)] *\|$/)
  expect(rows.find((row) => row.includes('`NAME.url`'))).toContain('required')
  expect(rows.find((row) => row.includes('`breaker.open_for`'))).toMatch(/duration .* `10s`/)
})
