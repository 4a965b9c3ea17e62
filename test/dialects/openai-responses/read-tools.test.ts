import { expect, test } from 'vitest'

import { openaiResponsesDialect } from '../../../src/dialects/openai-responses/openai-responses-dialect.ts'

const facts = { requestId: '0190-ab', createdAtMs: 1_000, path: '/v1/responses', mintId: () => 'minted' }

test('tools that no engine here has are left out and named, and those of a namespace are functions (R7)', () => {
  const named = (name: string) => ({ type: 'function', name, parameters: { type: 'object', properties: {} } })
  const { request, notes } = openaiResponsesDialect.readChat(
    {
      input: 'Hi',
      tools: [
        named('read'),
        { type: 'web_search' },
        { type: 'image_generation', size: 'auto' },
        { type: 'of-next-year', name: 'x' },
        { type: 'namespace', name: 'agents', tools: [named('spawn')] },
      ],
    },
    facts,
  )
  expect(request.tools.map(({ name }) => name)).toEqual(['read', 'agents__spawn'])
  expect(notes).toEqual(['tool web_search', 'tool image_generation', 'tool of-next-year'])
})
