import { at, flagAt, listAt, numberAt, textAt } from '../../core/foreign-json.ts'
import { tokenRates } from './token-rates.ts'
import type { TopBackend, TopModel, TopPool, TopRequest, TopSnapshot, TopWaiter } from './top-snapshot.ts'

/** What the gateway answers below its admin API; a resource that it does not have is undefined. */
export interface TopReplies {
  readonly status: unknown
  readonly queue: unknown
  readonly requests: unknown
}

/** A minute in parts of two seconds. */
const rateParts = { partMs: 2_000, parts: 30 }

/** One moment out of the gateway's answers. What an older gateway does not say is missing, and nothing fails for it. */
export function readTop({ status, queue, requests }: TopReplies, atMs: number): TopSnapshot {
  const models = listAt(queue, 'models').map(readModel)
  const own = new Set(models.map(({ name }) => name))
  // Whoever looks asks as well, and is not what there is to see.
  const finished = listAt(requests, 'requests').filter(isForModel).map(readRequest)
  return {
    atMs,
    gateway: {
      url: textAt(status, 'url') ?? '',
      version: textAt(status, 'version') ?? '',
      startedAtMs: Date.parse(textAt(status, 'started_at') ?? '') || atMs,
    },
    recordedBy: listAt(status, 'recordings').map((recording) => textAt(recording, 'by') ?? ''),
    pools: listAt(queue, 'pools').map(readPool),
    models,
    backends: listAt(status, 'backends')
      .map(readBackend)
      .filter(({ name }) => !own.has(name)),
    queue: listAt(queue, 'queue').map(readWaiter),
    requests: finished,
    tokenRates: tokenRates(finished, { ...rateParts, nowMs: atMs }),
  }
}

function readPool(pool: unknown): TopPool {
  return {
    name: textAt(pool, 'name') ?? '',
    sizeBytes: numberAt(pool, 'sizeBytes') ?? 0,
    usedBytes: numberAt(pool, 'usedBytes') ?? 0,
  }
}

function readModel(model: unknown): TopModel {
  const loadingMs = numberAt(model, 'loadingMs')
  const expectedMs = numberAt(model, 'expectedLoadMs') ?? 0
  const sizes = Object.values(Object(at(model, 'sizeBytes')))
  return {
    name: textAt(model, 'name') ?? '',
    phase: textAt(model, 'phase') ?? 'unknown',
    isPinned: flagAt(model, 'isPinned') ?? false,
    running: numberAt(model, 'running') ?? 0,
    slots: numberAt(model, 'slots') ?? 0,
    queued: numberAt(model, 'queued') ?? 0,
    sizeBytes: sizes.reduce<number>((sum, bytes) => sum + (typeof bytes === 'number' ? bytes : 0), 0),
    loadedShare: loadingMs === undefined ? undefined : Math.min(1, loadingMs / Math.max(1, expectedMs)),
    idleMs: numberAt(model, 'idleMs'),
    retryInMs: numberAt(model, 'retryInMs'),
  }
}

function readBackend(backend: unknown): TopBackend {
  return {
    name: textAt(backend, 'name') ?? '',
    kind: textAt(backend, 'kind') ?? '',
    status: textAt(backend, 'status') ?? 'unknown',
    inflight: numberAt(backend, 'inflight') ?? 0,
    waiting: numberAt(backend, 'waiting') ?? 0,
    cause: textAt(backend, 'cause'),
  }
}

function readWaiter(waiter: unknown): TopWaiter {
  return {
    requestId: textAt(waiter, 'requestId') ?? '',
    model: textAt(waiter, 'model') ?? '',
    principal: textAt(waiter, 'principal') ?? '',
    lane: textAt(waiter, 'lane') ?? '',
    position: numberAt(waiter, 'position') ?? 0,
    waitedMs: numberAt(waiter, 'waitedMs') ?? 0,
    withinMs: numberAt(waiter, 'withinMs') ?? 0,
    isOverdue: flagAt(waiter, 'isOverdue') ?? false,
  }
}

function isForModel(request: unknown): boolean {
  return textAt(request, 'operation') !== undefined
}

function readRequest(request: unknown): TopRequest {
  return {
    requestId: textAt(request, 'requestId') ?? '',
    startedAtMs: numberAt(request, 'startedAtMs') ?? 0,
    status: numberAt(request, 'status') ?? 0,
    model: textAt(request, 'model') ?? textAt(request, 'requestedModel') ?? textAt(request, 'path') ?? '',
    principal: textAt(request, 'principal') ?? '',
    durationMs: numberAt(request, 'durationMs') ?? 0,
    firstByteMs: numberAt(request, 'timeToFirstByteMs'),
    promptTokens: numberAt(request, 'promptTokens'),
    completionTokens: numberAt(request, 'completionTokens'),
    errorCode: textAt(request, 'errorCode'),
    isClientGone: flagAt(request, 'isClientGone') ?? false,
  }
}
