import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

/**
 * What people who built this by hand learned, as far as it is built: each number is named in the title of the test that
 * holds its claim, as in "(N4.12)".
 */
const built =
  'N1.1 N1.2 N1.3 N1.11 N1.12 N1.13 N1.15 N1.16 N1.17 N1.18 N2.2 N2.6 N2.9 N3.2 N3.3 N3.4 N3.6 N3.8 N3.10 N4.5 N4.6 N4.7 N4.8 N4.10 N4.11 N4.12 N4.13 N4.15 N4.16 N5.1 N5.2 N5.3 N5.4 N5.5 N5.6'.split(
    ' ',
  )

test('every field note that is built has a test named after its claim', () => {
  const files = globSync('**/*.test.ts', { cwd: join(import.meta.dirname, '..') })
  const titles = files
    .map((file) => readFileSync(join(import.meta.dirname, '..', file), 'utf8'))
    .flatMap((text) =>
      Array.from(text.matchAll(/\((N\d+\.\d+(?:, N\d+\.\d+)*)\)/g), ([, notes = '']) => notes.split(', ')),
    )
    .flat()
  expect(built.filter((note) => !titles.includes(note))).toEqual([])
})
