import type { TopModel, TopRequest, TopSnapshot, TopWaiter } from '../../../src/tui/top/top-snapshot.ts'

export function topModel(name: string, change: Partial<TopModel> = {}): TopModel {
  const gibibyte = 1024 ** 3
  return { name, phase: 'ready', isPinned: false, running: 1, slots: 4, queued: 0, sizeBytes: 6 * gibibyte, ...change }
}

export function topWaiter(model: string, change: Partial<TopWaiter> = {}): TopWaiter {
  const waiter = { requestId: 'r', model, principal: 'ada', lane: 'interactive', position: 1, isOverdue: false }
  return { ...waiter, waitedMs: 12_000, withinMs: 4_200, ...change }
}

export function topRequest(change: Partial<TopRequest> = {}): TopRequest {
  return {
    requestId: 'r',
    startedAtMs: 1_000_000,
    status: 200,
    model: 'qwen3-8b',
    principal: 'ada',
    durationMs: 2_000,
    firstByteMs: 1_000,
    promptTokens: 31,
    completionTokens: 40,
    isClientGone: false,
    ...change,
  }
}

/** A busy gateway with one of everything. */
export function topSnapshot(change: Partial<TopSnapshot> = {}): TopSnapshot {
  return {
    atMs: 3_725_000,
    gateway: { url: 'http://127.0.0.1:8411', version: '1.2.3', startedAtMs: 0 },
    pools: [{ name: 'gpu0', sizeBytes: 24 * 1024 ** 3, usedBytes: 6 * 1024 ** 3 }],
    models: [topModel('qwen3-8b'), topModel('coder', { phase: 'absent', queued: 1 })],
    backends: [{ name: 'attic', kind: 'vllm', status: 'healthy', inflight: 2, waiting: 0 }],
    queue: [topWaiter('coder')],
    requests: [topRequest()],
    tokenRates: [0, 5, 10],
    ...change,
  }
}
