import type { Bus, BusEvent } from './bus.ts'

/** One function of the side path: what it consumes, and how a batch of it is done. */
export interface WorkerDefinition {
  /** The durable consumer's. */
  readonly name: string
  readonly subjects: readonly string[]
  /** All of the batch or nothing: what it throws says which. May be given the same events again. */
  readonly work: (events: readonly BusEvent[]) => Promise<void>
  /** Whether an error comes from the events themselves, so that a repeat would fail in the same way. */
  readonly isDataError: (error: unknown) => boolean
  /** Whether only the same worker of a later llmr knows what to do with it. Absent: of none. */
  readonly isForLater?: (event: BusEvent) => boolean
  /** Once, before the first batch; tried until it works. */
  readonly begin?: (bus: Bus) => Promise<void>
  /** What it counts beside events, since its start. */
  readonly counters?: () => readonly WorkerCounter[]
  /** Cuts what is under way elsewhere, so that a worker that ends does not wait for it. May be called twice. */
  readonly close?: () => Promise<void>
}

/** As metrics show it: a count that only grows. */
export interface WorkerCounter {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
