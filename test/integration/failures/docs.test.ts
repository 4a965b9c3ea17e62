import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

test('each row of docs/failures.md is a test, and each of these tests a row', () => {
  const page = readFileSync(join(root, 'docs/failures.md'), 'utf8')
  const rows = Array.from(page.matchAll(/^\| (?!failure |---)([^|]+?) \|/gm), ([, name = '']) => name.trim())
  const tests = globSync('*.test.ts', { cwd: import.meta.dirname }).flatMap((file) =>
    Array.from(
      readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/^failureRow\(\s*(?:'([^']+)'|"([^"]+)")/gm),
      ([, single, double]) => single ?? double ?? '',
    ),
  )
  expect(rows.length).toBeGreaterThan(20)
  expect(tests.toSorted()).toEqual(rows.toSorted())
})
