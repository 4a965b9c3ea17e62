import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import type { LogFields } from '../../src/core/logger.ts'
import { createLogger } from '../../src/telemetry/logger.ts'

function memoryLogger(level: 'debug' | 'info' | 'warn' | 'error' = 'debug') {
  const lines: string[] = []
  const logger = createLogger({ level, stream: { write: (line) => lines.push(line) } })
  return { logger, lines, fields: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}') }
}

function written(fields: LogFields): Record<string, unknown> {
  const memory = memoryLogger()
  memory.logger.info(fields, 'something happened')
  return memory.fields()
}

test('a line has its level as a word, the time as ISO, the fields, and the message last', () => {
  const line = written({ backend: 'box', status: 200 })
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    backend: 'box',
    status: 200,
    msg: 'something happened',
  })
  expect(Object.keys(line)).toEqual(['level', 'time', 'backend', 'status', 'msg'])
})

test('levels below the one asked for are not written', () => {
  const { logger, lines } = memoryLogger('warn')
  logger.debug({}, 'a')
  logger.info({}, 'b')
  logger.warn({}, 'c')
  logger.error({}, 'd')
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd'])
  expect([logger.isEnabled('info'), logger.isEnabled('warn')]).toEqual([false, true])
})

test('a child adds its fields to each line', () => {
  const memory = memoryLogger()
  memory.logger.child({ backend: 'box' }).child({ model: 'm' }).warn({ n: 1 }, 'x')
  expect(memory.fields()).toMatchObject({ level: 'warn', backend: 'box', model: 'm', n: 1, msg: 'x' })
})

describe('what must not be written', () => {
  const marker = 'correct-horse-battery'

  test('private fields are redacted wherever they stand and however they are spelled', () => {
    const privateKey = fc.constantFrom(
      ...`authorization Authorization proxy-authorization x-api-key api_key apiKey upstreamApiKey cookie Set-Cookie
      client_secret password messages prompt arguments content input body systemText last_user_text access_token`.split(
        /\s+/,
      ),
    )
    const wrap = fc.array(fc.constantFrom('object', 'array', 'map', 'error'), { maxLength: 4 })
    const value = fc.constantFrom<unknown>(marker, [marker], { deep: marker }, [{ role: 'user', say: marker }])
    fc.assert(
      fc.property(privateKey, value, wrap, (key, secret, layers) => {
        let fields: unknown = { [key]: secret }
        for (const layer of layers) {
          if (layer === 'object') fields = { nested: fields }
          else if (layer === 'array') fields = [fields]
          else if (layer === 'map') fields = new Map([['nested', fields]])
          else fields = Object.assign(new Error('failed'), { request: fields })
        }
        const memory = memoryLogger()
        memory.logger.info({ fields }, 'x')
        memory.logger.info({ [key]: secret }, 'x')
        memory.logger.child({ fields, [key]: secret }).info({}, 'x')
        expect(memory.lines.join('')).not.toContain(marker)
      }),
    )
  })

  test('names that only look private stay readable', () => {
    const fields = {
      context: 'c',
      prompt_tokens: 3,
      content_length: 4,
      output_tokens: 5,
      key_name: 'laptop',
      tokens: 6,
    }
    expect(written(fields)).toMatchObject(fields)
  })

  test('credentials inside sentences and addresses are masked', () => {
    const { note } = written({
      note: 'sent Bearer abc.def-ghi, sk-proj-abcdefghijklmnop, eyJhbGciOi.eyJzdWIiOi.c2ln and http://user:hunter2@box/',
    })
    expect(note).toBe('sent [redacted], [redacted], [redacted] and http://[redacted]@box/')
  })

  test("an error of JSON.parse does not quote somebody's prompt", () => {
    for (const text of [`{"messages": ${marker}`, marker, `{"a":1} ${marker}`, `{"${marker}${'x'.repeat(99)}": tru}`]) {
      const memory = memoryLogger()
      try {
        JSON.parse(text)
      } catch (err) {
        memory.logger.error({ err }, 'x')
      }
      expect(memory.lines).toHaveLength(1)
      expect(memory.lines[0]).not.toContain('horse')
    }
  })
})

describe('errors', () => {
  test('an error becomes type, message, code, status, frames and its causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const { err } = written({ err: new LlmrError('backend_unreachable', 'The backend is down.', { cause }) })
    expect(err).toMatchObject({
      type: 'LlmrError',
      message: 'The backend is down.',
      code: 'backend_unreachable',
      status: 502,
      stack: expect.stringMatching(/^at /),
      cause: { type: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    })
  })

  test('what hangs on an error beside that is not written', () => {
    const err = Object.assign(new Error('x'), { request: { path: 'secret-path' }, facts: { headers: 'secret-path' } })
    expect(JSON.stringify(written({ err }))).not.toContain('secret-path')
  })

  test('an error that is its own cause ends', () => {
    const err = new Error('loop')
    err.cause = err
    expect(written({ err })).toMatchObject({ err: { message: 'loop' } })
  })

  test('each error of an aggregate is told', () => {
    const err = new AggregateError([new Error('first'), new Error('second')], 'all failed')
    expect(written({ err })).toMatchObject({ err: { errors: [{ message: 'first' }, { message: 'second' }] } })
  })
})

test('any fields make one line of JSON of bounded length', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true })),
      (fields) => {
        const memory = memoryLogger()
        memory.logger.info(fields, 'x')
        expect(memory.lines).toHaveLength(1)
        expect(memory.lines[0]?.indexOf('\n')).toBe((memory.lines[0]?.length ?? 0) - 1)
        JSON.parse(memory.lines[0] ?? '')
      },
    ),
  )
  const circular: Record<string, unknown> = { huge: 'x'.repeat(1e6), many: Array.from({ length: 1e4 }, () => 'y') }
  circular['self'] = circular
  const { lines, logger } = memoryLogger()
  logger.info({ circular }, 'x')
  expect(lines[0]?.length).toBeLessThan(60_000)
})
