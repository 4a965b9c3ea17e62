import { expect, test } from 'vitest'

import { fromEngineFlags } from '../../src/sim/engine-flags.ts'

test.each([
  ['-m tiny.gguf -c 4096 --host 0.0.0.0 --port 1234', '-m tiny.gguf -c 4096 --host 0.0.0.0 --port 1234'],
  ['-np 2 --embedding --rerank', '--parallel 2 --embeddings --reranking'],
  ['-ngl 99 -fa on -t 1 --jinja --no-webui', ''],
  ['-fa --port 1', '--port 1'],
  ['-n -1 --temp 0.7 --alias tiny', '--alias tiny'],
  ['--cache-type-k=q8_0 --ctx-size=512', '--ctx-size=512'],
  ['--slots --port 1', '--port 1'],
  ['--slots 3', '--slots 3'],
  ['--fault status:status=503 --unknown', '--fault status:status=503 --unknown'],
])('%s becomes %s', (given, wanted) => {
  expect(fromEngineFlags(given.split(' ')).join(' ')).toBe(wanted)
})
