import { expect, test } from 'vitest'

import type { Capabilities } from '../../src/core/model.ts'
import { isEmbedder } from '../../src/core/shown-model.ts'

test.for<[Capabilities, boolean]>([
  [{}, false],
  [{ chat: true }, false],
  [{ embedding: true }, true],
  [{ embedding: true, chat: false }, true],
  [{ embedding: true, chat: true }, false],
  [{ embedding: true, tools: true }, false],
  [{ embedding: true, completion: true }, false],
])('a model that can %j is an embedder: %s', ([capabilities, expected]) => {
  expect(isEmbedder({ id: 'm', capabilities, isLoaded: true, running: 0, slots: 1 })).toBe(expected)
})
