import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { writeAccessLine } from '../../src/telemetry/access-log.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { formatPrettyLine } from '../../src/telemetry/pretty-line.ts'
import { requestRecord } from '../support/request-record.ts'

/** Any UTF-16 unit, lone surrogates and control characters included. */
const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))

function prettyLogger() {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', format: 'pretty', stream: { write: (line) => lines.push(line) } })
  return { logger, text: () => lines.join('').replaceAll(/^\d\d:\d\d:\d\d\.\d{3}/gm, 'TIME') }
}

test('a line reads as time, level, message and fields', () => {
  const { logger, text } = prettyLogger()
  logger.warn({ backend: 'box', cause: 'refused', tries: 2 }, 'The backend does not answer.')
  expect(text()).toBe('TIME WARN  The backend does not answer. backend=box cause=refused tries=2\n')
})

test('a finished request is told in one short line', () => {
  const { logger, text } = prettyLogger()
  writeAccessLine(logger, requestRecord({ correlationId: 'abc' }))
  expect(text()).toBe(
    'TIME INFO  POST /v1/chat/completions 200 qwen3-8b@box 1100 ms, first byte 100 ms, 120+11 tokens, abc\n',
  )
})

test('an error is shown with its frames and causes below the message', () => {
  const { logger, text } = prettyLogger()
  logger.error({ err: new Error('outer', { cause: new TypeError('inner') }) }, 'It failed.')
  expect(text()).toMatch(/^TIME ERROR It failed\.\n {2}Error: outer\n {4}at [\s\S]*\n {2}TypeError: inner\n {4}at /)
})

test('colours are codes around the words, only when asked for', () => {
  const line = '{"level":"warn","time":"2026-11-24T12:00:00.000Z","n":1,"msg":"x"}\n'
  expect(formatPrettyLine(line, { hasColor: true })).toContain('\u001B[33mWARN \u001B[0m x')
  expect(formatPrettyLine(line, { hasColor: false })).not.toContain('\u001B')
})

test('no field can send control characters to the terminal, or a line of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit }), (value) => {
      const line = `${JSON.stringify({ level: 'info', time: value, field: value, nested: { value }, msg: value })}\n`
      expect(formatPrettyLine(line, { hasColor: false }).slice(0, -1)).not.toMatch(/\p{Cc}/u)
    }),
  )
})

test('what JSON leaves as it is inside nested fields is escaped too', () => {
  const { logger, text } = prettyLogger()
  logger.info({ nested: { value: '\u007F\u009B' } }, 'x')
  expect(text()).toContain('nested={"value":"\\x7f\\x9b"}')
})

test('text that is no JSON stays as it is', () => {
  expect(formatPrettyLine('plain text\n', { hasColor: true })).toBe('plain text\n')
})
