import { expect, test } from 'vitest'

import { readFileReadEvent, writeFileReadEvent } from '../../src/events/file-read-event.ts'

const read = {
  requestId: 'r1',
  callId: 'call_1',
  tenant: 'home',
  principal: 'ada',
  path: 'src/a.ts',
  sha256: 'ab'.repeat(32),
  bytes: 3,
  content: 'abc',
}
const event = writeFileReadEvent({ ...read, correlationId: 'c' }, { atMs: 1, source: { instanceId: 'i' } })

test('a file that was read is told and understood whole, with and without its content (N1.20)', () => {
  expect(event).toMatchObject({ id: 'r1/tool_call/call_1', subject: 'pipeline.knowledge.tool_call' })
  expect(readFileReadEvent(event)).toEqual(read)
  const { content: _, ...body } = event.body as Record<string, unknown>
  expect(readFileReadEvent({ ...event, body })).toEqual({ ...read, content: undefined })
})

test('what is no digest is refused, and so is another event', () => {
  const body = { ...(event.body as object), sha256: 'short' }
  expect(() => readFileReadEvent({ ...event, body })).toThrow('64 hexadecimal digits')
  expect(() => readFileReadEvent({ ...event, headers: {} })).toThrow('llmr.knowledge.tool_call.v1')
})
