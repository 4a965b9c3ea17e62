/** One model as the scheduler knows it: what it costs to have and what it may do. Replaced as a whole by `configure`. */
export interface SchedulerModel {
  readonly name: string
  /** Bytes it holds in each pool from the start of its load to the end of its stop. A pool not named costs nothing. */
  readonly sizeBytes: Readonly<Record<string, number>>
  /**
   * For one that can sleep instead of ending: what it goes on holding then, by pool. Nothing of it is in anybody's way for
   * long: who needs that memory has it ended.
   */
  readonly sleepingBytes?: Readonly<Record<string, number>>
  /** Requests its engine works on at once. */
  readonly slots: number
  /** Requests it is given at once, where that is fewer than its slots. */
  readonly concurrencyMax?: number
  /** Models of one class share a limit of requests at work, see `SchedulerSettings.classLimits`. */
  readonly costClass?: string
  /** Multiplies the waiting time of its requests wherever waiting is compared. Above 0; 1 is ordinary. */
  readonly weight: number
  /** Never put out to make room, and never unloaded by its ttl. */
  readonly isPinned: boolean
  /** After a load it stays this long, unless a request elsewhere is overdue. */
  readonly minimumResidencyMs: number
  /** Unloaded when nothing has used it for so long. Absent: it stays until its memory is needed. */
  readonly ttlMs?: number
  /** Expected times until they have been measured. */
  readonly expected: {
    readonly loadMs: number
    /** A load whose files are in the page cache; for the owner, who tells of that by `estimated`. */
    readonly warmLoadMs?: number
    /** From asleep to serving. */
    readonly wakeMs?: number
    readonly stopMs: number
    readonly serviceMs: number
  }
}

/** A model with nothing special about it: what a field is when nobody has said. */
export const plainModel = {
  slots: 1,
  weight: 1,
  isPinned: false,
  minimumResidencyMs: 0,
  expected: { loadMs: 10_000, stopMs: 1_000, serviceMs: 5_000 },
} as const satisfies Partial<SchedulerModel>
