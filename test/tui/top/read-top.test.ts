import fc from 'fast-check'
import { expect, test } from 'vitest'

import { readTop } from '../../../src/tui/top/read-top.ts'

test('what the gateway starts itself is a model and no backend', () => {
  const snapshot = readTop(
    {
      status: {
        url: 'http://a',
        version: '1',
        started_at: '2026-01-01T00:00:00.000Z',
        recordings: [{ by: 'ops' }],
        backends: [{ name: 'm' }, { name: 'attic', status: 'healthy' }],
      },
      queue: {
        models: [
          { name: 'm', phase: 'loading', loadingMs: 500, expectedLoadMs: 2_000, sizeBytes: { gpu0: 1, gpu1: 2 } },
        ],
      },
      requests: { requests: [{ operation: 'chat', requestedModel: 'auto', model: 'm' }, { path: '/llmr/v1/status' }] },
    },
    Date.parse('2026-01-01T00:01:00.000Z'),
  )
  expect(snapshot.recordedBy).toEqual(['ops'])
  expect(snapshot.models).toMatchObject([{ name: 'm', phase: 'loading', loadedShare: 0.25, sizeBytes: 3 }])
  expect(snapshot.backends).toMatchObject([{ name: 'attic', status: 'healthy' }])
  expect(snapshot.requests).toMatchObject([{ model: 'm' }])
  expect(snapshot.atMs - snapshot.gateway.startedAtMs).toBe(60_000)
})

test('whatever a gateway of another version answers, there is something to show', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (status, queue, requests) => {
      expect(readTop({ status, queue, requests }, 1).tokenRates).toHaveLength(30)
      const lists = { models: [queue], pools: [queue], queue: [queue], backends: [status], requests: [requests] }
      expect(readTop({ status: lists, queue: lists, requests: lists }, 1).models).toHaveLength(1)
    }),
  )
})
