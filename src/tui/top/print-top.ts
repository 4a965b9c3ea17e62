import { topScreen } from './top-screen.ts'
import type { TopSnapshot } from './top-snapshot.ts'

/** The screen as text, for files and pipes: every row, no colours. What paints terminals is not loaded for it. */
export function printTop(snapshot: TopSnapshot, columns: number): string {
  return topScreen({ snapshot, columns, rows: Infinity })
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n')
}
