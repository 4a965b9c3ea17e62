import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import { preferredErrorShape } from '../../src/http/error-shape.ts'
import { memoryExchange } from '../support/memory-exchange.ts'

function typeFor(accept: string | undefined): string | undefined {
  return preferredErrorShape(accept)?.contentType.split(';')[0]
}

test('browsers get a page, terminals that ask for it text, and programs the JSON they know (N2.8)', () => {
  expect(typeFor('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')).toBe('text/html')
  expect(typeFor('text/plain')).toBe('text/plain')
  for (const accept of [
    undefined,
    '',
    '*/*',
    'application/json',
    'application/json, text/plain, */*',
    'text/event-stream',
    'image/png',
  ]) {
    expect([accept, typeFor(accept)]).toEqual([accept, undefined])
  }
})

test('no message can break out of the page, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string(), (message) => {
      const page = preferredErrorShape('text/html')?.write(new LlmrError('model_not_found', `<b>"${message}`)) ?? ''
      const [, paragraph = ''] = /<p>([\s\S]*?)<\/p><p><code>/.exec(page) ?? []
      expect(paragraph).not.toMatch(/[<>"]/)
      expect(page).toContain('<code>model_not_found</code>')
    }),
  )
})

test('a failure that a browser sees keeps its status and its headers', () => {
  const { exchange, reply } = memoryExchange({ headers: { accept: 'text/html' } })
  exchange.fail(new LlmrError('queue_full', 'There is no room.', { retryAfterSeconds: 7 }))
  const { status, headers, body } = reply()
  expect([status, headers['retry-after'], headers['content-type']]).toEqual([429, '7', 'text/html; charset=utf-8'])
  expect(body.toString()).toContain('<h1>429 Too Many Requests</h1><p>There is no room.</p>')
})
