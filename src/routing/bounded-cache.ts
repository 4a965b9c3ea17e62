export interface BoundedCache<Key, Value> {
  has(key: Key): boolean
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
}

/** Keeps the last `sizeMax` keys that were set; who comes first goes first, so that a look-up writes nothing. */
export function boundedCache<Key, Value>(sizeMax: number): BoundedCache<Key, Value> {
  const entries = new Map<Key, Value>()
  return {
    has: (key) => entries.has(key),
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.set(key, value)
      if (entries.size <= sizeMax) return
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        break
      }
    },
  }
}
