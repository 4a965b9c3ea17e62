/** What is known of one pool of memory at one moment. Absent: this probe cannot tell. */
export interface MemoryReading {
  readonly freeBytes?: number
  /** Held by the processes asked about. */
  readonly heldBytes?: number
}

/** Looks at one pool, such as a GPU. Never throws; bounded to about a second. */
export interface MemoryProbe {
  read(pids: readonly number[]): Promise<MemoryReading>
}
