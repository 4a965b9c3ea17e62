import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseTrace } from '../../../src/sim/swaps/trace.ts'

const row = { arrival_s: 1.5, model: 'A', prompt_tokens: 10, output_tokens: 5, session: null }
const logLine = {
  level: 'info',
  time: '2026-03-01T10:00:05.000Z',
  msg: 'request',
  model: 'A',
  status: 200,
  duration_ms: 4_000,
  prompt_tokens: 100,
  cached_tokens: 60,
  completion_tokens: 7,
}

function linesOf(...rows: readonly object[]): string {
  return rows.map((fields) => JSON.stringify(fields)).join('\n')
}

test('a trace begins with its first request, whatever the order of its lines', () => {
  const parsed = parseTrace(linesOf({ ...row, arrival_s: 7 }, { ...row, session: 's' }))
  expect(parsed).toEqual({
    passedOver: 0,
    rows: [
      { arrivalMs: 0, model: 'A', promptTokens: 10, outputTokens: 5, session: 's' },
      { arrivalMs: 5_500, model: 'A', promptTokens: 10, outputTokens: 5 },
    ],
  })
})

test('the log of llmr itself is a trace: arrivals are ends less durations, cached tokens were not computed', () => {
  const earlier = { ...logLine, time: '2026-03-01T10:00:02.000Z', duration_ms: 2_000 }
  const parsed = parseTrace(linesOf(logLine, { level: 'info', msg: 'started' }, earlier))
  expect(parsed).toEqual({
    passedOver: 1,
    rows: [
      { arrivalMs: 0, model: 'A', promptTokens: 40, outputTokens: 7 },
      { arrivalMs: 1_000, model: 'A', promptTokens: 40, outputTokens: 7 },
    ],
  })
})

test('requests that failed, or of which the log has no tokens, are passed over', () => {
  const parsed = parseTrace(linesOf(logLine, { ...logLine, status: 503 }, { ...logLine, prompt_tokens: undefined }))
  expect(parsed).toMatchObject({ passedOver: 2 })
})

test.each([
  ['', 'there are no requests in it'],
  ['{"level":"info","msg":"started"}', 'there are no requests in it'],
  [`${linesOf(row)}\n[1]x`, 'line 2: expected a JSON object'],
  [linesOf({ ...row, model: '' }), 'line 1: expected model to be a name'],
  [linesOf({ ...row, arrival_s: -1 }), 'line 1: expected arrival_s to be seconds, 0 or more'],
  [linesOf({ ...row, prompt_tokens: '1' }), 'line 1: expected prompt_tokens to be a number, 0 or more'],
  [linesOf({ ...row, output_tokens: null }), 'line 1: expected output_tokens to be a number, 0 or more'],
])('%j is no trace, and the line at fault is named', (text, problem) => {
  expect(parseTrace(text)).toEqual({ problem })
})

test('no text makes it fail', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => {
      const parsed = parseTrace(lines.join('\n'))
      expect('problem' in parsed || parsed.rows.length > 0).toBe(true)
    }),
  )
})
