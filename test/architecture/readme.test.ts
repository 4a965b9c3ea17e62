import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** `commands/config/check.ts` → `config check`; an `index.ts` is the topic itself. */
function commandNames(): readonly string[] {
  return globSync('commands/**/*.ts', { cwd: root }).map((file) =>
    file
      .replace(/^commands\//, '')
      .replace(/(\/index)?\.ts$/, '')
      .replaceAll('/', ' '),
  )
}

test('every command has its row in the README, and every row is a command', () => {
  const rows = Array.from(readme.matchAll(/^\| `llmr ([^`]+)`((?: · `[^`]+`)*)/gm)).flatMap(
    ([, name = '', others = '']) => {
      const topic = name.split(' ').slice(0, -1).join(' ')
      return [name, ...Array.from(others.matchAll(/`([^`]+)`/g), ([, other]) => `${topic} ${other}`)]
    },
  )
  expect(rows.toSorted()).toEqual(commandNames().toSorted())
})

test('no page links to a file that is not there', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'src/README.md', ...globSync('docs/*.md', { cwd: root })]
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8')
    return Array.from(text.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, target = '']) => ({ page, target })).filter(
      ({ target }) => !existsSync(join(root, dirname(page), target)),
    )
  })
  expect(broken).toEqual([])
})

test('every page of docs/ can be reached from the README', () => {
  const unlinked = globSync('docs/*', { cwd: root }).filter((page) => !readme.includes(`(${page})`))
  expect(unlinked).toEqual([])
})
