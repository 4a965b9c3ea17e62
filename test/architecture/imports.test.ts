import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Who may import whom: the table of src/README.md. A folder may always import itself. `core` is open to all. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['schema'],
  schema: [],
  telemetry: [],
  dialects: [],
  routing: [],
  resilience: [],
  toolcalls: ['schema'],
  media: [],
  memory: [],
  scheduling: [],
  backends: [],
  events: [],
  store: [],
  tui: [],
  web: [],
  knowledge: [],
  profiles: ['schema'],
  sim: [],
  http: ['dialects'],
  lifecycle: ['scheduling', 'backends'],
  cli: [],
  // The only places where stages meet.
  'gateway.ts': ['*'],
  gateway: ['*'],
  'worker-runner.ts': ['*'],
  worker: ['*'],
  bench: ['*'],
  'build-info.ts': [],
  // What an operator types and what consumes events may use everything; nothing in src/ uses them.
  commands: ['*'],
  workers: ['*'],
}

/** Each package has one home. */
const homes: Readonly<Record<string, readonly string[]>> = {
  undici: ['backends', 'bench'],
  pg: ['store'],
  kysely: ['store'],
  pgvector: ['store'],
  '@electric-sql/pglite': ['store'],
  '@electric-sql/pglite-pgvector': ['store'],
  '@nats-io/jetstream': ['events'],
  '@nats-io/transport-node': ['events'],
  ink: ['tui'],
  react: ['tui'],
  '@oclif/core': ['commands', 'cli'],
  pino: ['telemetry'],
  'prom-client': ['telemetry'],
  yaml: ['config', 'profiles'],
  zod: ['config'],
  jose: ['http'],
  '@huggingface/gguf': ['profiles'],
  'hyparquet-writer': ['gateway'],
}

interface Import {
  readonly file: string
  readonly place: string
  readonly specifier: string
}

const files = globSync(['src/**/*.{ts,tsx}', 'commands/**/*.ts', 'workers/**/*.ts'], { cwd: root })

/** `src/http/server.ts` → `http`; `src/gateway.ts` → `gateway.ts`; `commands/serve.ts` → `commands`. */
function placeOf(file: string): string {
  const [top = '', second = ''] = file.split('/')
  return top === 'src' ? second : top
}

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const specifiers = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+)'([^']+)'/gm)
  return Array.from(specifiers, ([, specifier = '']) => ({ file, place: placeOf(file), specifier }))
})

const local = imports
  .filter(({ specifier }) => specifier.startsWith('.'))
  .map(({ file, place, specifier }) => ({
    file,
    from: place,
    to: placeOf(relative(root, join(root, dirname(file), specifier))),
  }))

test('every folder of src/ has a row in the import table', () => {
  expect(new Set(files.map(placeOf)).difference(new Set(Object.keys(allowed)))).toEqual(new Set())
})

test('no folder imports one that the table does not allow it', () => {
  const wrong = local.filter(({ from, to }) => {
    const row = allowed[from] ?? []
    return from !== to && to !== 'core' && !row.includes('*') && !row.includes(to)
  })
  expect(wrong).toEqual([])
})

test('core imports nothing but itself and Node', () => {
  const packages = imports.filter(
    ({ place, specifier }) => place === 'core' && !specifier.startsWith('.') && !specifier.startsWith('node:'),
  )
  const folders = local.filter(({ from, to }) => from === 'core' && to !== 'core')
  expect([...packages, ...folders]).toEqual([])
})

test('no file needs itself through others, not even for a type', () => {
  const needs = imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ file, specifier }): [string, string] => [file, join(dirname(file), specifier)])
  expect(circlesOf(needs)).toEqual([])
})

test('no folder needs itself through others', () => {
  // One room with a door of its own.
  const room = (place: string): string => (place === 'gateway.ts' ? 'gateway' : place)
  const needs = local.map(({ from, to }): [string, string] => [room(from), room(to)])
  expect(circlesOf(needs.filter(([from, to]) => from !== to))).toEqual([])
})

function circlesOf(edges: readonly (readonly [from: string, to: string])[]): readonly (readonly string[])[] {
  const needs = Map.groupBy(edges, ([from]) => from)
  const done = new Set<string>()
  const circles: string[][] = []
  function visit(node: string, path: readonly string[]): void {
    const at = path.indexOf(node)
    if (at >= 0) circles.push([...path.slice(at), node])
    if (at >= 0 || done.has(node)) return
    for (const [, needed] of needs.get(node) ?? []) visit(needed, [...path, node])
    done.add(node)
  }
  for (const [node] of edges) visit(node, [])
  return circles
}

test('nothing in src/ imports commands/ or workers/', () => {
  const wrong = local.filter(({ file, to }) => file.startsWith('src/') && (to === 'commands' || to === 'workers'))
  expect(wrong).toEqual([])
})

test('each package is imported only in its home', () => {
  const wrong = imports.filter(({ place, specifier }) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return false
    const [scopeOrName = '', name] = specifier.split('/')
    const packageName = scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName
    return !(homes[packageName] ?? []).includes(place)
  })
  expect(wrong).toEqual([])
})

test('only core/package-root.ts asks where its code lies: a release is bundled, and moves it', () => {
  const asking = files.filter((file) => /\bimport\.meta\b/.test(readFileSync(join(root, file), 'utf8')))
  expect(asking).toEqual(['src/core/package-root.ts'])
})

test('commands import only the CLI base at the top, so that a start pays for nothing it does not use', () => {
  const eager = files
    .filter((file) => file.startsWith('commands/'))
    .flatMap((file) =>
      Array.from(
        readFileSync(join(root, file), 'utf8').matchAll(/^import (?!type )[^'\n]*'([^']+)'/gm),
        ([, specifier = '']) => ({ file, specifier }),
      ),
    )
    .filter(({ specifier }) => specifier !== '@oclif/core' && !specifier.includes('/src/cli/'))
  expect(eager).toEqual([])
})

test('the driver of a database or a broker is loaded only when one is opened', () => {
  const drivers = /\/(?:pglite|postgresql|jetstream)\//
  const eager = files
    .filter((file) => !drivers.test(file))
    .flatMap((file) =>
      Array.from(
        readFileSync(join(root, file), 'utf8').matchAll(/^import (?!type )[^'\n]*'([^']+)'/gm),
        ([, specifier = '']) => ({ file, specifier }),
      ),
    )
    .filter(({ specifier }) => drivers.test(specifier))
  expect(eager).toEqual([])
})
