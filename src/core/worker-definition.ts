import type { BusEvent } from './bus.ts'

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
}
