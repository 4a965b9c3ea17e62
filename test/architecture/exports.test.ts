import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const sources = globSync('src/**/*.{ts,tsx}', { cwd: root })
const users = globSync(['{src,commands,workers,test,.ci}/**/*.{ts,tsx,js}', 'bin/*', 'package.json'], { cwd: root })

const texts = new Map(
  [...new Set([...sources, ...users])].map((file) => [file, readFileSync(join(root, file), 'utf8')]),
)

/** In how many files each name stands, whatever it means there. */
const filesWithName = new Map<string, number>()
for (const text of texts.values()) {
  for (const name of new Set(text.match(/[\w$]+/g))) filesWithName.set(name, (filesWithName.get(name) ?? 0) + 1)
}

test('what a file exports, another file uses', () => {
  const unused = sources.flatMap((file) => {
    const exported = texts.get(file)?.matchAll(/^export (?:async )?(?:function\*?|const|let|class) ([\w$]+)/gm) ?? []
    return Array.from(exported, ([, name = '']) => name)
      .filter((name) => filesWithName.get(name) === 1)
      .map((name) => `${file}: ${name}`)
  })
  expect(unused).toEqual([])
})

test('every source file is named by another', () => {
  const all = [...texts]
  const unnamed = sources.filter((file) => {
    const name = basename(file).replace(/\.tsx?$/, '')
    return !all.some(([other, text]) => other !== file && text.includes(name))
  })
  expect(unnamed).toEqual([])
})
