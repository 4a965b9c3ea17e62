import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { RequestRecord } from '../../src/core/request-record.ts'
import { writeAccessLine } from '../../src/telemetry/access-log.ts'
import { requestRecord } from '../support/request-record.ts'

/** Any UTF-16 unit, lone surrogates and control characters included. */
const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))

function linesOf(record: RequestRecord, isEnabled: (level: string) => boolean = () => true): readonly string[] {
  const lines: string[] = []
  writeAccessLine({ isEnabled, writeLine: (line) => void lines.push(line) }, record)
  return lines
}

function fieldsOf(record: RequestRecord): Record<string, unknown> {
  const [line = ''] = linesOf(record)
  return JSON.parse(line)
}

test('a request is one line of JSON with everything known of it in snake case', () => {
  expect(fieldsOf(requestRecord({ timeToFirstByteMs: 100.44 }))).toEqual({
    level: 'info',
    time: '2026-11-24T12:00:01.100Z',
    request_id: '019aa000-0000-7000-8000-000000000001',
    correlation_id: '019aa000-0000-7000-8000-000000000001',
    method: 'POST',
    path: '/v1/chat/completions',
    route: 'chat',
    operation: 'chat',
    principal: 'laptop',
    requested_model: 'qwen3-8b',
    model: 'qwen3-8b',
    backend: 'box',
    reason: 'only backend',
    kind: 'user',
    stream: true,
    status: 200,
    request_bytes: 900,
    response_bytes: 12_000,
    duration_ms: 1100,
    time_to_first_byte_ms: 100.4,
    prompt_tokens: 120,
    completion_tokens: 11,
    msg: 'request',
  })
})

test('what is not known is left out', () => {
  const { model: _model, backend: _backend, timeToFirstByteMs: _time, ...rest } = requestRecord()
  const fields = fieldsOf(rest)
  expect(fields).not.toHaveProperty('model')
  expect(fields).not.toHaveProperty('backend')
  expect(fields).not.toHaveProperty('time_to_first_byte_ms')
  expect(fields).not.toHaveProperty('client_gone')
})

test('a failure of the server is a warning, and a client that left is marked', () => {
  const fields = fieldsOf(requestRecord({ status: 503, errorCode: 'no_backend_available', isClientGone: true }))
  expect(fields).toMatchObject({ level: 'warn', status: 503, error_code: 'no_backend_available', client_gone: true })
})

test('each backend that did not serve is told with cause, address and its words, secrets masked (N4.13)', () => {
  const hop = {
    backend: 'big',
    model: 'm',
    url: 'http://10.0.0.9:8080',
    cause: 'refused',
    message: 'said "Bearer abcdef123456"',
    durationMs: 3.14159,
  }
  expect(fieldsOf(requestRecord({ hops: [hop] }))['hops']).toEqual([
    {
      backend: 'big',
      model: 'm',
      url: 'http://10.0.0.9:8080',
      cause: 'refused',
      message: 'said "[redacted]"',
      duration_ms: 3.1,
    },
  ])
})

test('no name that a client sends breaks the line or makes it long', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit, maxLength: 2000 }), (requestedModel) => {
      const lines = linesOf(requestRecord({ requestedModel, path: requestedModel, correlationId: requestedModel }))
      const [line = ''] = lines
      expect(lines).toHaveLength(1)
      expect(line.indexOf('\n')).toBe(line.length - 1)
      const { requested_model: written }: { requested_model: string } = JSON.parse(line)
      expect(written).toBe(requestedModel.length > 512 ? `${requestedModel.slice(0, 512)}…` : requestedModel)
    }),
  )
})

test('a level that is off writes nothing', () => {
  expect(linesOf(requestRecord(), (level) => level !== 'info')).toEqual([])
  expect(linesOf(requestRecord({ status: 500 }), (level) => level !== 'info')).toHaveLength(1)
})
