import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { asksForBoth, freeOfSchema } from '../../../src/toolcalls/reply/free-of-schema.ts'

const plain: ChatRequest = {
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Weather?' }] }],
  isStream: false,
  model: 'm',
  tools: [],
  sampling: {},
}
const tools = [{ name: 'look', parameters: { type: 'object' } }] as const
const responseFormat = { type: 'schema', name: 'answer', schema: { type: 'object' } } as const

test('only tools and a shape together need two passes', () => {
  expect(asksForBoth({ ...plain, tools })).toBe(false)
  expect(asksForBoth({ ...plain, responseFormat })).toBe(false)
  expect(asksForBoth({ ...plain, tools, responseFormat })).toBe(true)
  expect(asksForBoth({ ...plain, tools, responseFormat, toolChoice: 'none' })).toBe(false)
})

test('the first pass has no shape, and says in words what is wanted in the end', () => {
  const free = freeOfSchema({ ...plain, tools, responseFormat })
  expect(free.responseFormat).toBeUndefined()
  expect(free.tools).toEqual(tools)
  expect(JSON.stringify(free.messages[0])).toMatch(/JSON/)
  expect(free.messages.at(-1)).toEqual(plain.messages[0])
})
