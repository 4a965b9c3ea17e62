import { expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import { anthropicMessagesDialect } from '../../../src/dialects/anthropic-messages/anthropic-messages-dialect.ts'
import { readMessageStream } from '../../support/read-message-stream.ts'

const ids = { requestId: 'r1', correlationId: 'c1' }

test.for([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [422, 'invalid_request_error'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [502, 'api_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
] as const)('status %i is told as %s before a reply, and inside a stream as one that may pass', ([status, type]) => {
  const error = new LlmrError('backend_failed', 'It failed.', { status })
  const body = { type: 'error', error: { type, message: 'It failed.' }, request_id: 'r1' }
  expect(JSON.parse(anthropicMessagesDialect.writeError(error, ids))).toEqual(body)
  const told = status < 502 ? body : { ...body, error: { ...body.error, type: 'overloaded_error' } }
  expect(readMessageStream(anthropicMessagesDialect.writeStreamError(error, ids)).error).toEqual(told)
})

test.for([
  [{ promptTokens: 40_000, contextLength: 32_768 }, 'prompt is too long: 40000 tokens > 32768 maximum'],
  [{ contextLength: 32_768 }, 'prompt is too long: more than 32768 tokens > 32768 maximum'],
  [undefined, 'prompt is too long: It does not fit.'],
] as const)('an overflow is said in the words by which agents know it: %j', ([overflow, message]) => {
  const error = new LlmrError('context_length_exceeded', 'It does not fit.', { overflow })
  expect(JSON.parse(anthropicMessagesDialect.writeError(error, ids))).toMatchObject({
    error: { type: 'invalid_request_error', message },
  })
})
