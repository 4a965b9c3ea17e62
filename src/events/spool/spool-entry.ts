import type { RecordPlace, SpoolSegment } from './spool-segment.ts'

/** Content of one record, wherever it is. */
export interface SpoolPart extends RecordPlace {
  readonly segment: SpoolSegment
}

/** An event in the spool, whole. */
export interface SpoolEntry {
  /** One, or its beginning and its rest. */
  readonly parts: readonly SpoolPart[]
  /** In the time of clocks on walls; of an earlier process's, when its file was last written to. */
  readonly appendedAtMs: number
}

/**
 * The beginning of an event of which the rest comes later; it belongs to its spool, and is used up by one rest. `held`: in
 * memory, being short, or because there was no room for it.
 */
export type SpoolBeginning =
  | { readonly type: 'held'; readonly bytes: Buffer }
  | { readonly type: 'written'; readonly number: number; readonly part: SpoolPart }
  | { readonly type: 'too-large' }
