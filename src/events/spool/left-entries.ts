import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { SpoolEntry, SpoolPart } from './spool-entry.ts'
import { SpoolSegment } from './spool-segment.ts'

export interface LeftEntries {
  readonly segments: readonly SpoolSegment[]
  readonly entries: readonly SpoolEntry[]
}

/** What the files of a spool are called, behind the name of the process that has written them and a number. */
export const spoolSuffix = '.spool'

/**
 * What earlier processes have left in the folder, the oldest first. A beginning whose rest never came is of a request
 * that ended with its process: its client saw no end either.
 *
 * @throws the system's error when the folder cannot be read
 */
export function readLeft(folder: string): LeftEntries {
  const files = readdirSync(folder).filter((name) => name.endsWith(spoolSuffix))
  const segments: SpoolSegment[] = []
  const entries: SpoolEntry[] = []
  const beginnings = new Map<string, SpoolPart>()
  for (const file of files.toSorted()) {
    const { segment, records, writtenAtMs: appendedAtMs } = SpoolSegment.read(join(folder, file))
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

/** Which process has written a file: each numbers its beginnings anew. */
function runOf(file: string): string {
  return file.slice(0, file.lastIndexOf('-'))
}
