import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { forwardableHeaders } from '../../../src/http/auth/upstream-headers.ts'

const passing = {
  'content-type': 'application/json',
  accept: 'text/event-stream',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'a=b',
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'context-1m',
  'openai-beta': 'assistants=v2',
}

test('what describes the body and the trace travels on', () => {
  expect(forwardableHeaders(passing)).toEqual(passing)
})

test.each([
  'authorization',
  'x-api-key',
  'api-key',
  'cookie',
  'proxy-authorization',
  'proxy-connection',
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'content-length',
  'content-encoding',
  'accept-encoding',
  'x-conversation-id',
  'x-session-id',
  'session_id',
  'x-llmr-user',
  'x-llmr-principal',
  'x-openwebui-user-email',
  'origin',
  'referer',
  'user-agent',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
  'x-correlation-id',
  'baggage',
  'openai-organization',
])("the client's %s never reaches a backend (N2.9)", (name) => {
  expect(forwardableHeaders({ [name]: 'value', accept: '*/*' })).toEqual({ accept: '*/*' })
})

test('no header but those listed ever passes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (headers) => {
      const names = Object.keys(forwardableHeaders({ ...headers, ...passing }))
      expect(names.sort()).toEqual(Object.keys(passing).sort())
    }),
  )
})

test('the result is fresh, so that a credential added for one backend is not there for the next', () => {
  const headers = { accept: '*/*' }
  forwardableHeaders(headers)['authorization'] = 'Bearer backend'
  expect(forwardableHeaders(headers)).toEqual({ accept: '*/*' })
})
