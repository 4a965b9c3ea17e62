/** One request of a recorded workload. */
export interface TraceRow {
  /** Milliseconds after the first request of the trace, never falling. */
  readonly arrivalMs: number
  readonly model: string
  readonly promptTokens: number
  readonly outputTokens: number
  /** Requests of one session share the beginning of their prompts. */
  readonly session?: string
}
