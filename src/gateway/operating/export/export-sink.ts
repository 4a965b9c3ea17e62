import type { ExportRow } from '../../../store/export/export-page.ts'

/** Takes rows of one table, and knows where the next one would begin. */
export interface ExportSink {
  write(rows: readonly ExportRow[]): Promise<void>
  /** Bytes of whole rows so far; undefined for a format in which nobody can go on from there. */
  readonly bytes: number | undefined
  /** What was written survives the end of the machine. */
  sync(): Promise<void>
  /** Everything is written. */
  end(): Promise<void>
}
