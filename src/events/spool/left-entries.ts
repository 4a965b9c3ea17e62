import type { SpoolEntry, SpoolPart } from './spool-entry.ts'
import { SpoolSegment } from './spool-segment.ts'

export interface LeftEntries {
  readonly segments: readonly SpoolSegment[]
  readonly entries: readonly SpoolEntry[]
}

/**
 * What earlier processes have left in these files, the oldest first. A beginning whose rest never came is of a request
 * that ended with its process: its client saw no end either.
 *
 * @param files sorted by time
 * @param runOf which process has written a file: beginnings are numbered by each anew
 */
export function readLeft(files: readonly string[], runOf: (file: string) => string): LeftEntries {
  const segments: SpoolSegment[] = []
  const entries: SpoolEntry[] = []
  const beginnings = new Map<string, SpoolPart>()
  for (const file of files) {
    const { segment, records, writtenAtMs: appendedAtMs } = SpoolSegment.read(file)
    segments.push(segment)
    for (const { form, ...place } of records) {
      const part = { ...place, segment }
      if (form.type === 'whole') {
        entries.push({ parts: [part], appendedAtMs })
        continue
      }
      const key = `${runOf(file)}/${form.number}`
      const beginning = beginnings.get(key)
      if (form.type === 'beginning') beginnings.set(key, part)
      else if (beginning !== undefined) entries.push({ parts: [beginning, part], appendedAtMs })
    }
  }
  return { segments, entries }
}
