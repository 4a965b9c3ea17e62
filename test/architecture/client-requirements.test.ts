import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** The rows of docs/clients.md that say what clients need: `| R7 | … |`. */
const required = Array.from(
  readFileSync(join(root, 'docs/clients.md'), 'utf8').matchAll(/^\| (R\d+) +\|/gm),
  ([, name = '']) => name,
)

test('everything that clients need has a test named after it', () => {
  const titles = globSync('test/**/*.test.ts', { cwd: root })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .flatMap((text) => Array.from(text.matchAll(/\((R\d+)\)/g), ([, name = '']) => name))
  expect(required).toEqual(Array.from({ length: 16 }, (_, index) => `R${index + 1}`))
  expect(required.filter((name) => !titles.includes(name))).toEqual([])
})
