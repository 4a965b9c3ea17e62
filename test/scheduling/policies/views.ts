import type { ResidentModel, SwapView, WaitingModel } from '../../../src/scheduling/policies/swap-policy.ts'
import { modelNamed } from '../driven-scheduler.ts'

const quiet = {
  queued: 0,
  queuedWeight: 0,
  rate: 0,
  weightedRate: 0,
  serviceMs: 1_000,
  loadMs: 4_000,
  stopMs: 500,
}

/** A model that one request has waited for. */
export function waitingModel(
  name: string,
  { bytes = 10, waitedMs = 0, dueAtMs = 60_000, ...change }: Partial<WaitingModel> & { readonly bytes?: number } = {},
): WaitingModel {
  return {
    ...quiet,
    model: modelNamed(name, { bytes }),
    queued: 1,
    queuedWeight: 1,
    waitedMs,
    dueAtMs,
    oldestArrivedAtMs: -waitedMs,
    oldestSequence: -waitedMs,
    ...change,
  }
}

/** An idle resident that nobody has asked for. */
export function residentModel(
  name: string,
  { bytes = 10, ...change }: Partial<ResidentModel> & { readonly bytes?: number } = {},
): ResidentModel {
  return {
    ...quiet,
    model: modelNamed(name, { bytes }),
    running: 0,
    lastUsedAtMs: 0,
    heldUntilMs: 0,
    evictCost: 1,
    ...change,
  }
}

/** A view at time 0 of one pool of 20 bytes that the residents and `otherBytes` share. */
export function viewOf({
  waiting,
  residents,
  otherBytes = 0,
  ...change
}: Partial<SwapView> & Pick<SwapView, 'waiting' | 'residents'> & { readonly otherBytes?: number }): SwapView {
  const bytesOf = (name: string): number =>
    [...waiting, ...residents].find(({ model }) => model.name === name)?.model.sizeBytes['gpu'] ?? Infinity
  return {
    nowMs: 0,
    maxWaitMs: 60_000,
    waiting,
    residents,
    isOverdueTurn: true,
    hasRoom: ({ target, evict }) => {
      const staying = residents.filter(({ model }) => !evict.includes(model.name))
      return staying.reduce((sum, { model }) => sum + bytesOf(model.name), otherBytes + bytesOf(target)) <= 20
    },
    mayEvict: () => true,
    ...change,
  }
}
