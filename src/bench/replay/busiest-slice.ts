import type { TraceRow } from '../../sim/swaps/trace-row.ts'

/** The stretch of a trace with the most requests in it, beginning with one of them; the earliest of equals. */
export function busiestSlice(rows: readonly TraceRow[], spanMs: number): readonly TraceRow[] {
  let [best, bestCount, end] = [0, 0, 0]
  for (const [start, { arrivalMs }] of rows.entries()) {
    while ((rows[end]?.arrivalMs ?? Infinity) < arrivalMs + spanMs) end += 1
    if (end - start > bestCount) [best, bestCount] = [start, end - start]
  }
  const startMs = rows[best]?.arrivalMs ?? 0
  return rows.slice(best, best + bestCount).map((row) => ({ ...row, arrivalMs: row.arrivalMs - startMs }))
}
