import type { RequestRecord } from '../core/request-record.ts'

export interface RecentRequests {
  /** Ever added: the number of the newest, by which the others are numbered too. */
  readonly count: number
  add(record: RequestRecord): void
  /** Every record kept whose request id or correlation id this is, oldest first: clients may repeat the latter. */
  find(id: string): readonly RequestRecord[]
  /** The newest first. */
  latest(count: number): readonly RequestRecord[]
  /** Calls the listener with the number of every new one until the function returned is called. */
  follow(listener: (number: number) => void): () => void
  /** The newest stay. */
  resize(capacity: number): void
}

/**
 * The last finished requests, for `llmr why`. A ring: the oldest makes room. It is searched from end to end when
 * somebody asks, a matter of a millisecond, so that requests pay for no index.
 *
 * @param capacity records kept; 0 keeps none.
 */
export function createRecentRequests(capacity: number): RecentRequests {
  let ring: RequestRecord[] = []
  let next = 0
  let count = 0
  const listeners = new Set<(number: number) => void>()
  const oldestFirst = (): RequestRecord[] => [...ring.slice(next), ...ring.slice(0, next)]
  return {
    get count() {
      return count
    },
    add: (record) => {
      if (capacity === 0) return
      ring[next] = record
      next = (next + 1) % capacity
      count++
      for (const listener of listeners) listener(count)
    },
    follow: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    find: (id) => oldestFirst().filter((record) => record.requestId === id || record.correlationId === id),
    latest: (count) => oldestFirst().reverse().slice(0, Math.max(0, count)),
    resize: (size) => {
      ring = oldestFirst().slice(-size || Infinity)
      capacity = size
      next = capacity === 0 ? 0 : ring.length % capacity
    },
  }
}
