import { expect, test } from 'vitest'

import { capabilitiesFromName } from '../../src/backends/capabilities-from-name.ts'

test.each([
  ['text-embedding-3-small', 'embedding'],
  ['BAAI/bge-m3', 'embedding'],
  ['intfloat/e5-mistral-7b-instruct', 'embedding'],
  ['nomic-embed-text:latest', 'embedding'],
  ['BAAI/bge-reranker-v2-m3', 'rerank'],
  ['omni-moderation-latest', 'moderation'],
  ['whisper-1', 'transcription'],
  ['gpt-4o-mini-tts', 'speech'],
  ['black-forest-labs/FLUX.1-dev', 'image'],
])('%s is known to be for %s, and not for chat', (id, capability) => {
  expect(capabilitiesFromName(id)).toMatchObject({ [capability]: true, chat: false })
})

test.each(['qwen3-coder:30b', 'llama3.1:8b', 'gpt-5.2', 'mistral-e5x', 'deepseek-r1', 'fluxional-7b', 'mttsx'])(
  'nothing is claimed of %s',
  (id) => {
    expect(capabilitiesFromName(id)).toEqual({})
  },
)
