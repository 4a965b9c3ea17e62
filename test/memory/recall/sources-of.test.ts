import fc from 'fast-check'
import { expect, test } from 'vitest'

import { composeContext } from '../../../src/memory/recall/compose-context.ts'
import type { Recalled } from '../../../src/memory/recall/recalled.ts'
import { sourcesOf } from '../../../src/memory/recall/sources-of.ts'

const round = fc.record({
  reply: fc.nat().map(String),
  userText: fc.string({ minLength: 1, maxLength: 400 }).filter((text) => text.trim() !== ''),
  replyText: fc.string({ maxLength: 400 }),
  atMs: fc.nat(),
  distance: fc.nat({ max: 50 }),
})
const recalled: fc.Arbitrary<Recalled> = fc.record({
  window: fc.array(round, { maxLength: 2 }),
  retrieved: fc.array(round, { maxLength: 4 }),
  files: fc.array(
    fc.record({ uri: fc.constant('/home/ada/secret.txt'), content: fc.string({ minLength: 1 }), atMs: fc.nat() }),
    {
      maxLength: 2,
    },
  ),
  summaries: fc.array(fc.record({ text: fc.string({ minLength: 1 }) }), { maxLength: 2 }),
})

test('everything that was found is told, and what is said to be shown is what the text is made of', () => {
  fc.assert(
    fc.property(recalled, fc.integer({ min: 100, max: 2_000 }), (found, budget) => {
      const context = composeContext(found, { budget })
      const sources = sourcesOf(found, context?.used)
      const { window, retrieved, files, summaries } = found
      expect(sources).toHaveLength(window.length + retrieved.length + files.length + summaries.length)
      expect(sources.some(({ isInjected }) => isInjected)).toBe(context !== undefined)
      expect(sources.filter(({ kind, isInjected }) => kind === 'file' && isInjected)).toHaveLength(context?.files ?? 0)
      expect(sources.filter(({ isInjected, reason }) => !isInjected && reason !== 'budget')).toEqual([])
    }),
  )
})

test('names of files are told by their digest alone', () => {
  const file = { uri: '/home/ada/secret.txt', content: 'words', atMs: 0 }
  const found = { window: [], retrieved: [], files: [file], summaries: [] }
  expect(JSON.stringify(sourcesOf(found))).not.toMatch(/secret|words/)
})
