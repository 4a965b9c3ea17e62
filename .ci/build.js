// dist/: the sources and the packages they use, in few files, since reading many is most of what a start costs. What is
// listed under `dependencies` stays outside and is installed beside llmr; what is listed under `devDependencies` is built in,
// and its licence goes along. Names are kept: a stack trace still says which function failed.
import { globSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'

import { lightOclif } from './light-oclif.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const outside = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies)

/** What is started or loaded by its path; all else is found by who imports it. */
const entries = [
  'bin/main.js',
  'src/cli/command-not-found.ts',
  ...globSync('commands/**/*.ts', { cwd: root }),
  ...globSync('src/bench/gateway/{backend,driver,floor,meter}.ts', { cwd: root }),
  'src/store/pglite/pglite-worker.ts',
  'src/bench/replay/replay-engine.ts',
]

rmSync(join(root, 'dist'), { recursive: true, force: true })
const bundle = await rolldown({
  cwd: root,
  platform: 'node',
  plugins: [lightOclif],
  input: Object.fromEntries(entries.map((file) => [file.replace(/\.[jt]s$/, ''), file])),
  // What react and ink bring for those who develop with them stays out; one of their helpers is not even installed.
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  resolve: { alias: { 'react-devtools-core': false } },
  external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
})
const { output } = await bundle.write({
  dir: 'dist',
  format: 'esm',
  comments: false,
  entryFileNames: '[name].js',
  chunkFileNames: 'shared/[name]-[hash].js',
  codeSplitting: {
    // Only what is used as a whole: whoever needs one module of a group loads and runs all of it.
    groups: [
      { name: 'oclif', test: /\/node_modules\/@oclif\/core\// },
      { name: 'zod', test: /\/node_modules\/zod\// },
      { name: 'yaml', test: /\/node_modules\/yaml\// },
      { name: 'undici', test: /\/node_modules\/undici\// },
      { name: 'ink', test: /\/node_modules\/(ink|react|react-reconciler)\// },
      { name: 'cli', test: /\/src\/cli\// },
    ],
  },
})
await bundle.close()
writeFileSync(join(root, 'dist/licenses.txt'), licenses(output.flatMap(({ moduleIds = [] }) => moduleIds)))

/** Of every package that was built in. */
function licenses(moduleIds) {
  const folders = new Set(moduleIds.flatMap((id) => packageFolder(id.split(sep).join('/')) ?? []))
  return [...folders]
    .map(license)
    .toSorted((one, other) => one.localeCompare(other))
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** Undefined for our own files, and for modules that are no files. */
function packageFolder(file) {
  return /^[^\0]*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]
}

function license(folder) {
  const { name, version, license: terms } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [file] = readdirSync(folder).filter((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version}: ${terms}\n${text}`
}
