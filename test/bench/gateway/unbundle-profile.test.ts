import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { expect, test } from 'vitest'

import { unbundleProfile } from '../../../src/bench/gateway/unbundle-profile.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const chunk = `import { a } from "./other.js";
// src/http/server.ts
function serve() {
  // not/a-module.ts of its own: indented
}
// node_modules/@scope/name/lib/index.js
function work() {}
`

function profiled(url: string, lineNumber: number) {
  const nodes = [{ id: 1, callFrame: { functionName: 'f', url, lineNumber } }]
  return unbundleProfile({ nodes, startTime: 0, samples: [], timeDeltas: [] }).nodes[0]?.callFrame.url
}

test('a function of a bundled file counts for the module it was written in', () => {
  const folder = join(temporaryFolder(), 'dist')
  mkdirSync(folder)
  writeFileSync(join(folder, 'shared.js'), chunk)
  const url = pathToFileURL(join(folder, 'shared.js')).href

  expect([0, 2, 3, 6].map((line) => profiled(url, line))).toEqual([
    url,
    '/src/http/server.ts',
    '/src/http/server.ts',
    '/node_modules/@scope/name/lib/index.js',
  ])
})

test.each(['file:///checkout/src/http/server.ts', 'node:internal/http', ''])('%j stays as it is', (url) => {
  expect(profiled(url, 3)).toBe(url)
})
