import { expect, test } from 'vitest'

import { LlmrError } from '../../src/core/error.ts'
import { openaiDialect } from '../../src/dialects/openai/openai-dialect.ts'

const ids = { requestId: 'r', correlationId: 'c' }

function told(overflow: { promptTokens?: number; contextLength?: number }): string {
  const error = new LlmrError('context_length_exceeded', 'input is too large', { overflow })
  return (JSON.parse(openaiDialect.writeError(error, ids)) as { error: { message: string } }).error.message
}

test('an overflow is told in the words by which coding agents start to compact, with both numbers', () => {
  expect(told({ promptTokens: 40_000, contextLength: 32_768 })).toBe(
    "This model's maximum context length is 32768 tokens. However, your prompt contains 40000 input tokens. " +
      'Please reduce the length of the messages.',
  )
})

test('and in the same words where numbers are missing', () => {
  expect(told({ contextLength: 8_192 })).toContain("This model's maximum context length is 8192 tokens. However,")
  expect(told({})).toContain("exceeds this model's maximum context length. input is too large")
})
