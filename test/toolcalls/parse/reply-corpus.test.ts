import { isDeepStrictEqual } from 'node:util'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fillEmptyText } from '../../../src/toolcalls/parse/fill-empty-text.ts'
import { corpusFile, readRows, type CorpusRow } from '../../support/toolcalls/corpus.ts'
import { mergedReply, mergeEvents, parseChunks } from '../../support/toolcalls/merge-events.ts'
import { optionsOfRow } from '../../support/toolcalls/parse-row.ts'

const path = corpusFile('toolcalls.jsonl')
const rows = path === undefined ? [] : readRows<CorpusRow>(path)

test.skipIf(path === undefined)('99 of 100 vectors of other parsers are read as those read them', () => {
  const normal = rows.filter(({ cls }) => cls === 'normal')
  const wrong = normal.filter((row) => !isRead(row))
  const malformed = rows.filter(({ cls }) => cls === 'malformed')
  console.log(
    `normal ${normal.length - wrong.length}/${normal.length}, ` +
      `malformed ${malformed.filter(isRead).length}/${malformed.length}, ` +
      `not as the peer: ${wrong.map(({ id, format }) => `${format} ${id.slice(0, 6)}`).join(', ')}`,
  )
  expect(wrong.length / normal.length).toBeLessThanOrEqual(0.01)
})

test.skipIf(path === undefined)('every vector gives the same events cut anywhere, or into characters', () => {
  for (const row of rows) {
    const options = optionsOfRow(row)
    const whole = mergeEvents(parseChunks([row.input], options))
    expect(mergeEvents(parseChunks(row.input.split(''), options)), row.id).toEqual(whole)
    fc.assert(
      fc.property(fc.nat(row.input.length), (at) => {
        const halves = [row.input.slice(0, at), row.input.slice(at)]
        expect(mergeEvents(parseChunks(halves, options)), row.id).toEqual(whole)
      }),
      { numRuns: 4 },
    )
  }
})

function isRead(row: CorpusRow): boolean {
  const events = parseChunks(row.chunks ?? [row.input], optionsOfRow(row))
  const isFilled = row.source.test.includes('force_nonempty')
  const { content, reasoning, calls } = mergedReply(isFilled ? fillEmptyText(events) : events)
  const { expected } = row
  return (
    content.trim() === expected.content.trim() &&
    reasoning.trim() === expected.reasoning.trim() &&
    isDeepStrictEqual(
      calls.map((call) => [call.name, JSON.parse(call.argumentsText)]),
      expected.tool_calls.map((call) => [call.name, call.arguments]),
    )
  )
}
