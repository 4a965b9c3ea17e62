import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

test('node itself can run every source file: its parser is stricter than that of these tests', () => {
  const files = globSync('{src,commands,workers}/**/*.ts', { cwd: root })
  expect(files.length).toBeGreaterThan(500)
  const unreadable = files.filter((file) => {
    try {
      stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'))
      return false
    } catch {
      return true // told by its name
    }
  })
  expect(unreadable).toEqual([])
})
