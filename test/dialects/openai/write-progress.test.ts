import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { WaitPhase, WaitProgress } from '../../../src/core/wait-progress.ts'
import { openaiChatDialect, openaiDialect } from '../../../src/dialects/openai/openai-dialect.ts'

const facts = { requestId: 'r1', model: 'qwen', createdAtS: 7 }
const loading: WaitProgress = { model: 'qwen', phase: 'loading', position: 1, waitedMs: 3_000, withinMs: 12_400 }

const progress = fc.record<WaitProgress>({
  model: fc.string(),
  phase: fc.constantFrom<WaitPhase>('queued', 'making-room', 'loading', 'busy', 'ready'),
  position: fc.integer({ min: 1, max: 2_000 }),
  waitedMs: fc.nat(),
  withinMs: fc.nat(),
})

function dataOf(event: string): Record<string, unknown> {
  const data = event.split('\n').find((line) => line.startsWith('data: ')) ?? ''
  return JSON.parse(data.slice('data: '.length)) as Record<string, unknown>
}

test('a comment is one comment, whatever the model is called, and never a ping', () => {
  fc.assert(
    fc.property(progress, (given) => {
      expect(openaiChatDialect.writeProgress!(given, 'comment', facts)).toMatch(/^: (?!ping)[^\r\n]+\n\n$/)
    }),
  )
})

test('what is shown as reasoning is reasoning and no content, one line each', () => {
  fc.assert(
    fc.property(progress, (given) => {
      const chunk = dataOf(openaiChatDialect.writeProgress!(given, 'reasoning', facts))
      expect(chunk).toMatchObject({ id: 'chatcmpl-r1', object: 'chat.completion.chunk', created: 7, model: 'qwen' })
      expect(chunk['choices']).toEqual([
        {
          index: 0,
          delta: { reasoning_content: expect.stringMatching(/^[^\r\n]+\n$/) },
          logprobs: null,
          finish_reason: null,
        },
      ])
    }),
  )
})

test('a status is an event of its own name, and an empty delta for whoever does not know it', () => {
  const event = openaiChatDialect.writeProgress!(loading, 'status', facts)
  expect(event).toMatch(/^event: llmr\.progress\ndata: [^\n]+\n\n$/)
  expect(dataOf(event)).toMatchObject({
    choices: [{ index: 0, delta: { content: '' }, finish_reason: null }],
    llmr_progress: {
      version: 1,
      model: 'qwen',
      phase: 'loading',
      position: 1,
      waited_ms: 3_000,
      within_ms: 12_400,
      message: 'qwen is loading, about 12 s left',
    },
  })
})

test('an operation without reasoning and empty deltas is told by comments, whatever was asked for', () => {
  for (const style of ['comment', 'reasoning', 'status'] as const) {
    expect(openaiDialect.writeProgress!(loading, style, facts)).toBe(': llmr: qwen is loading, about 12 s left\n\n')
  }
})
