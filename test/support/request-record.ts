import type { RequestRecord } from '../../src/core/request-record.ts'

/** A streamed chat that went well; give what matters to the claim. */
export function requestRecord(facts: Partial<RequestRecord> = {}): RequestRecord {
  return {
    requestId: '019aa000-0000-7000-8000-000000000001',
    correlationId: '019aa000-0000-7000-8000-000000000001',
    startedAtMs: Date.UTC(2026, 10, 24, 12, 0, 0),
    method: 'POST',
    path: '/v1/chat/completions',
    route: 'chat',
    operation: 'chat',
    principal: 'laptop',
    requestedModel: 'qwen3-8b',
    model: 'qwen3-8b',
    backend: 'box',
    reason: 'only backend',
    kind: 'user',
    isStream: true,
    status: 200,
    requestBytes: 900,
    responseBytes: 12_000,
    durationMs: 1100,
    timeToFirstByteMs: 100,
    promptTokens: 120,
    completionTokens: 11,
    hops: [],
    timeline: [],
    isClientGone: false,
    ...facts,
  }
}
