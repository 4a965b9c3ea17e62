import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import { readBody } from '../../src/http/read-body.ts'

function request(headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const message = new IncomingMessage(new Socket())
  message.headers = { ...headers }
  return message
}

const limits = { maxBytes: 100 }

function outcomeOf(error: unknown): string {
  return error instanceof LlmrError ? `${error.code} ${error.status}` : String(error)
}

test('a body comes out as it went in, however it was cut', async () => {
  const chunk = fc.uint8Array({ maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 5 }), async (chunks) => {
      const message = request()
      const body = readBody(message, limits)
      for (const bytes of chunks) message.push(Buffer.from(bytes))
      message.push(null)
      expect(await body).toEqual(Buffer.concat(chunks))
    }),
  )
})

test('the limit counts what arrives, to the byte', async () => {
  for (const [length, outcome] of [
    [100, 'fits'],
    [101, 'body_too_large 413'],
  ] as const) {
    const message = request()
    const body = readBody(message, limits).then(() => 'fits', outcomeOf)
    message.push(Buffer.alloc(60))
    message.push(Buffer.alloc(length - 60))
    message.push(null)
    expect(await body).toBe(outcome)
  }
})

test('a length that is declared too large is refused before anything is waited for', async () => {
  let isWanted = false
  const body = readBody(request({ 'content-length': '101' }), {
    ...limits,
    onWanted: () => {
      isWanted = true
    },
  })
  await expect(body).rejects.toMatchObject({ code: 'body_too_large', facts: { isRetryable: false } })
  expect(isWanted).toBe(false)
})

test('a body that breaks off is an error, also when it broke off before anyone looked', async () => {
  const during = request()
  const body = readBody(during, limits)
  during.push('half')
  during.destroy()
  await expect(body).rejects.toMatchObject({ code: 'invalid_request' })

  const before = request()
  const closed = new Promise((resolve) => before.once('close', resolve))
  before.destroy()
  await closed
  await expect(readBody(before, limits)).rejects.toMatchObject({ code: 'invalid_request' })
})

test('the limit holds for what a compressed body becomes', async () => {
  for (const [length, outcome] of [
    [100, 'fits'],
    [101, 'body_too_large 413'],
  ] as const) {
    const message = request({ 'content-encoding': ' GZip ' })
    const body = readBody(message, limits).then(() => 'fits', outcomeOf)
    message.push(gzipSync(Buffer.alloc(length)))
    message.push(null)
    expect(await body).toBe(outcome)
  }
})

test('an encoding that nobody knows is named, and cut', async () => {
  const message = request({ 'content-encoding': 'x'.repeat(500) })
  const body = readBody(message, limits)
  message.push(null)
  await expect(body).rejects.toMatchObject({ status: 415, message: expect.stringMatching(/^.{1,150}$/) })
})
