import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readBuildInfo } from '../src/build-info.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

function buildInfoWith(text: string) {
  const file = join(temporaryFolder(), 'build.json')
  writeFileSync(file, text)
  return readBuildInfo(file)
}

test('built code names the commit that the build wrote beside it', () => {
  expect(buildInfoWith('{"commit":"abc123"}')).toEqual({ commit: 'abc123' })
})

test.each(['', 'null', '[]', '{"commit":""}', '{"commit":7}'])(
  'a build file of %j does not keep llmr from starting',
  (text) => {
    expect(buildInfoWith(text)).toEqual({ commit: 'source' })
  },
)

test('a checkout says that it runs from source', () => {
  expect(readBuildInfo()).toEqual({ commit: 'source' })
})
