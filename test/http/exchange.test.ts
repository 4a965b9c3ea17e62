import { setImmediate } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import { timelineMax } from '../../src/core/request-record.ts'
import { memoryExchange } from '../support/memory-exchange.ts'

const failure = new LlmrError('no_backend_available', 'nobody is there', { retryAfterSeconds: 7 })

test('a reply has both ids, the headers added before, a length, and is counted', () => {
  const { exchange, reply } = memoryExchange()
  exchange.addHeader('access-control-allow-origin', 'https://app.example')
  exchange.replyJson(200, { text: 'h\u00e9llo' })
  const body = Buffer.from('{"text":"h\u00e9llo"}')
  const { requestId, correlationId, status, responseBytes } = exchange.record
  expect(reply()).toMatchObject({
    status: 200,
    body,
    headers: {
      'x-request-id': requestId,
      'x-correlation-id': correlationId,
      'access-control-allow-origin': 'https://app.example',
      'content-type': 'application/json',
      'content-length': String(body.length),
    },
  })
  expect({ status, responseBytes }).toEqual({ status: 200, responseBytes: body.length })
})

test('a large reply keeps every byte as a small one does', () => {
  for (const length of [10, 31 * 1024, 33 * 1024, 200_000]) {
    const { exchange, reply } = memoryExchange()
    const body = Buffer.from(Array.from({ length }, (_, index) => index % 256))
    exchange.reply(200, ['content-type', 'application/octet-stream'], body)
    expect(reply().body.equals(body)).toBe(true)
  }
})

test('only the first reply is sent', () => {
  const { exchange, written } = memoryExchange()
  exchange.replyText(200, 'first')
  const before = written()
  exchange.replyText(500, 'second')
  exchange.fail(failure)
  exchange.end()
  expect(written()).toBe(before)
  expect(exchange.record.status).toBe(200)
})

test('a failure has the status, the shape, the headers and the advice of its kind', () => {
  const { exchange, reply } = memoryExchange()
  exchange.fail(
    new LlmrError('method_not_allowed', 'no', { isRetryable: false, headers: { allow: 'POST' }, param: 'model' }),
  )
  expect(reply()).toMatchObject({ status: 405, headers: { allow: 'POST', 'x-should-retry': 'false' } })
  expect(reply().headers).not.toHaveProperty('retry-after')
  expect(JSON.parse(reply().body.toString())).toEqual({
    error: { message: 'no', type: 'invalid_request_error', param: 'model', code: 'method_not_allowed' },
  })
  expect(exchange.record).toMatchObject({ status: 405, errorCode: 'method_not_allowed' })
})

test.each([
  [0, '1'],
  [0.2, '1'],
  [7, '7'],
  [7.1, '8'],
  [600, '30'],
])(
  'a wait of %d s is told as %s: whole seconds, never none, never so long that clients fall asleep (R10)',
  (given, told) => {
    const { exchange, reply } = memoryExchange()
    exchange.fail(new LlmrError('rate_limited', 'slow down', { retryAfterSeconds: given }))
    expect(reply().headers['retry-after']).toBe(told)
  },
)

test('a failure inside a stream is its last event, and nothing pretends that it ended well', () => {
  const { exchange, reply } = memoryExchange()
  exchange.beginEventStream()
  exchange.write('data: {"choices":[]}\n\n')
  exchange.fail(failure)
  const text = reply().body.toString()
  expect(text).toBe(
    'data: {"choices":[]}\n\ndata: {"error":{"message":"nobody is there","type":"server_error","param":null,' +
      '"code":"no_backend_available"}}\n\n',
  )
  expect(reply()).toMatchObject({ status: 200, isWhole: true })
})

test('a failure inside any other reply cuts it, since its framing can no longer be kept', async () => {
  const { exchange, reply } = memoryExchange()
  exchange.begin(200, ['content-type', 'audio/mpeg', 'content-length', '10'])
  exchange.write('half')
  await setImmediate()
  exchange.fail(failure)
  expect(reply()).toMatchObject({ status: 200, isWhole: false })
  expect(exchange.record.errorCode).toBe('no_backend_available')
})

test('the first failure is the one that is remembered', () => {
  const { exchange } = memoryExchange()
  exchange.fail(new LlmrError('request_timeout', 'too slow'))
  exchange.fail(new LlmrError('invalid_request', 'broken off'))
  expect(exchange.record.errorCode).toBe('request_timeout')
})

test('a connection is kept after a reply, unless bytes of the request are still to come', async () => {
  const cases = [
    [{ headers: {} }, 'keep-alive'],
    [{ headers: { 'content-length': '10' } }, 'keep-alive'],
    [{ headers: {}, isUnread: true }, 'keep-alive'], // no body at all, which Node has not noticed yet
    [{ headers: { 'content-length': '0' }, isUnread: true }, 'keep-alive'],
    [{ headers: { 'content-length': '10' }, isUnread: true }, 'close'],
    [{ headers: { 'transfer-encoding': 'chunked' }, isUnread: true }, 'close'],
  ] as const
  for (const [given, connection] of cases) {
    const { exchange, reply, request } = memoryExchange(given)
    exchange.fail(failure)
    await setImmediate()
    expect([given, reply().headers['connection']]).toEqual([given, connection])
    request.destroy()
  }
})

test('after failLast the connection is closed at once', () => {
  const { exchange, reply } = memoryExchange({ isUnread: true, headers: { 'content-length': '10' } })
  exchange.failLast(failure)
  expect(reply()).toMatchObject({ status: 503, headers: { connection: 'close' } })
  expect(exchange.response.writableEnded).toBe(true)
})

test('a client that does not read is held back from, and told when there is room', async () => {
  const { exchange, take } = memoryExchange({ isStuck: true })
  exchange.beginEventStream()
  let hasRoom = true
  for (let count = 0; hasRoom && count < 100; count++) hasRoom = exchange.write('x'.repeat(8 * 1024))
  expect(hasRoom).toBe(false)
  await new Promise<void>((resolve) => {
    exchange.onDrain(resolve)
    take()
  })
  expect(exchange.write('x')).toBe(true)
  exchange.response.destroy()
})

test('whoever works for a client that leaves is told once, also when it has left before', () => {
  const { exchange } = memoryExchange()
  const told: string[] = []
  exchange.onClientGone(() => told.push('first'))
  exchange.onClientGone(() => told.push('second'))
  exchange.close()
  expect(told).toEqual(['second'])
  expect(exchange.isClientGone).toBe(true)
  exchange.onClientGone(() => told.push('late'))
  expect(told).toEqual(['second', 'late'])
})

test('whoever works for a client that was refused meanwhile is told, though the client is still there', () => {
  const { exchange } = memoryExchange()
  let isTold = false
  exchange.onClientGone(() => {
    isTold = true
  })
  exchange.fail(failure)
  exchange.response.emit('finish')
  exchange.close()
  expect(isTold).toBe(true)
})

test('the end is told once, and the duration is known by then', () => {
  let now = 100
  const { exchange } = memoryExchange({ monotonic: () => now })
  let durationMs = 0
  exchange.onClose(() => {
    ;({ durationMs } = exchange.record)
  })
  now = 142
  exchange.close()
  expect(durationMs).toBe(42)
})

test('what is noted has its time, and is bounded', () => {
  let now = 0
  const { exchange } = memoryExchange({ monotonic: () => now })
  now = 12.34
  exchange.note('routed', 'auto: coding')
  expect(exchange.record.timeline).toEqual([{ atMs: 12.3, event: 'routed', detail: 'auto: coding' }])
  for (let count = 0; count < 1000; count++) exchange.note('again')
  expect(exchange.record.timeline).toHaveLength(timelineMax)
})

test('what a stream said is counted in bytes, whatever it was written in', () => {
  const { exchange } = memoryExchange()
  exchange.beginEventStream()
  exchange.write('data: grüße\n\n')
  exchange.end()
  expect(exchange.record.responseBytes).toBe(Buffer.byteLength('data: grüße\n\n'))
})
