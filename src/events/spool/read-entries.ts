import type { BusEvent } from '../../core/bus.ts'
import type { SpoolEntry, SpoolPart } from './spool-entry.ts'

/** Reads each file once. In the order of the entries, however those of several files are mixed. */
export async function readEntries(entries: readonly SpoolEntry[]): Promise<readonly BusEvent[]> {
  const contents = new Map<SpoolPart, Buffer>()
  const parts = entries.flatMap((entry) => entry.parts)
  for (const [segment, ofSegment] of Map.groupBy(parts, (part) => part.segment)) {
    const records = await segment.readRecords(ofSegment)
    ofSegment.forEach((part, index) => contents.set(part, records[index] ?? Buffer.alloc(0)))
  }
  return entries.map(({ parts: own }) => {
    const content = own.map((part) => contents.get(part)?.toString() ?? '').join('')
    return JSON.parse(content) as BusEvent
  })
}
