import { expect, test } from 'vitest'

import { desktopChat, llamaCppChat, plainChat } from '../../../src/backends/chat/chat-abilities.ts'
import { writeCompletionRequest } from '../../../src/backends/chat/write-completion-request.ts'
import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'

const request: ChatRequest = {
  model: 'asked',
  messages: [],
  tools: [],
  sampling: { temperature: 0.5, topK: 40, stop: ['END'] },
  maxTokens: 9,
  isStream: true,
  extras: { mirostat: 2 },
}

test('text to go on with is a prompt, with what this engine takes beside it', () => {
  const written = writeCompletionRequest({ prompt: 'Once' }, request, {
    model: 'm',
    abilities: llamaCppChat,
    path: '/v1/completions',
  })
  expect(written).toEqual({
    model: 'm',
    prompt: 'Once',
    max_tokens: 9,
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    top_k: 40,
    stop: ['END'],
    mirostat: 2,
  })
  const plain = writeCompletionRequest({ prompt: 'Once' }, request, {
    model: 'm',
    abilities: plainChat,
    path: '/v1/completions',
  })
  expect(plain).not.toHaveProperty('top_k')
  expect(plain).not.toHaveProperty('mirostat')
})

test('a gap is written as the path takes it', () => {
  const gap = { prompt: 'a(', suffix: ')' }
  const infill = writeCompletionRequest(gap, request, { model: 'm', abilities: llamaCppChat, path: '/infill' })
  expect(infill).toMatchObject({ input_prefix: 'a(', input_suffix: ')', prompt: '', n_predict: 9, stream: true })
  expect(infill).not.toHaveProperty('stream_options')
  const other = writeCompletionRequest(gap, request, { model: 'm', abilities: desktopChat, path: '/v1/completions' })
  expect(other).toMatchObject({ prompt: 'a(', suffix: ')', max_tokens: 9 })
})
