import { expect, test } from 'vitest'

import { pairTasks } from '../../src/core/pair-notice.ts'
import { readPairEvent, writePairEvent } from '../../src/events/pair-event.ts'

const notice = { requestId: 'r1', correlationId: 'chat-7', principal: 'ada' }

test('a round that is to be worked on is told as it always was', () => {
  expect(writePairEvent('embedding', notice)).toEqual({
    id: 'r1/embedding',
    subject: 'pipeline.knowledge.chat.embedding',
    headers: {
      'ce-specversion': '1.0',
      'ce-type': 'llmr.knowledge.chat.embedding.v1',
      'ce-source': 'llmr/persist',
      'ce-id': 'r1/embedding',
      'ce-subject': 'r1',
      'content-type': 'application/json',
      'x-correlation-id': 'chat-7',
      'llmr-principal': 'ada',
    },
    body: { request_id: 'r1', correlation_id: 'chat-7' },
  })
  expect(writePairEvent('summarise', notice)).toMatchObject({
    id: 'r1/summarise',
    subject: 'pipeline.knowledge.chat.summarise',
    headers: { 'ce-type': 'llmr.knowledge.chat.summarise.v1' },
  })
})

test.each(pairTasks)('%s: what was written can be read, with fields of a later llmr too', (task) => {
  const event = writePairEvent(task, notice)
  expect(readPairEvent(task, event)).toBe('r1')
  expect(readPairEvent(task, { ...event, body: { ...(event.body as object), mood: 'good' } })).toBe('r1')
})

test('the same round told of twice is one event, unless it is to be told again', () => {
  expect(writePairEvent('embedding', notice).id).toBe(writePairEvent('embedding', notice).id)
  expect(writePairEvent('embedding', notice, 'm/768').id).toBe('r1/embedding/m/768')
})

test('an event without a type is understood by its subject, one of another type or without a round is refused', () => {
  const event = writePairEvent('embedding', notice)
  expect(readPairEvent('embedding', { ...event, headers: {} })).toBe('r1')
  expect(() => readPairEvent('summarise', event)).toThrow('chat.summarise.v1')
  expect(() => readPairEvent('embedding', { ...event, body: 'words' })).toThrow('expected a text as request_id')
})
