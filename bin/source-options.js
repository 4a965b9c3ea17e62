import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const root = dirname(import.meta.dirname)

/**
 * oclif load options that run commands/*.ts instead of dist/. oclif's own way reads tsconfig.json through the
 * TypeScript package, whose version 7 no longer exports what it needs.
 */
export function sourceOptions() {
  const pjson = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const commands = { strategy: 'pattern', target: './commands' }
  const hooks = Object.fromEntries(
    Object.entries(pjson.oclif.hooks).map(([event, file]) => [
      event,
      file.replace('/dist/', '/').replace('.js', '.ts'),
    ]),
  )
  return { root, ignoreManifest: true, pjson: { ...pjson, oclif: { ...pjson.oclif, commands, hooks } } }
}
