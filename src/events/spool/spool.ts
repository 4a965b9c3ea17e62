import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { BusEvent } from '../../core/bus.ts'
import { SpoolSegment } from './spool-segment.ts'
import type { RecordPlace } from './spool-segment.ts'

export interface SpoolOptions {
  /** Made unless it is there. One process at a time. */
  readonly folder: string
  readonly bytesMax: number
  /** Unique among the processes that ever used the folder, and sorted by time. */
  readonly runName: string
}

/** An event in the spool. */
export interface SpoolEntry extends RecordPlace {
  readonly segment: SpoolSegment
  /** In the time of clocks on walls; of an earlier process's, when its file was last written to. */
  readonly appendedAtMs: number
}

/** `must`: kept as long as there is any room. `may`: dropped when the spool is so full that the others need what is left. */
export type Importance = 'must' | 'may'

const segmentBytesMax = 4 * 1024 * 1024
const suffix = '.spool'
/** Larger events are refused by brokers as they are set up. */
const recordBytesMax = 768 * 1024

/** Of the whole, for events of which some may be dropped. */
const lessImportantShare = 0.8

/**
 * Events on their way out, in files, so that neither the end of this process nor a bus that is away for long loses one.
 * Bounded: what finds no room is refused. What an earlier process left comes first. An entry that was taken and not
 * settled is there again for the next process.
 */
export class Spool {
  readonly #options: SpoolOptions
  #waiting: SpoolEntry[] = []
  /** In the order in which they came. */
  readonly #unsettled = new Set<SpoolEntry>()
  readonly #segments = new Set<SpoolSegment>()
  #current: SpoolSegment | undefined
  #made = 0
  #bytes = 0

  constructor(options: SpoolOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(options.folder).toSorted()) {
      if (name.endsWith(suffix)) this.#takeOver(join(options.folder, name))
    }
  }

  /** Of all files, settled entries in them included. */
  get bytes(): number {
    return this.#bytes
  }

  /** Neither taken nor settled. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Waiting, or taken and not settled. */
  get unsettled(): number {
    return this.#unsettled.size
  }

  /** When the oldest came that is not settled; undefined when all are. */
  get oldestAtMs(): number | undefined {
    const [oldest] = this.#unsettled
    return oldest?.appendedAtMs
  }

  /** In the kernel's hands when it returns. @throws the system's error when the disk refuses it */
  append(event: BusEvent, importance: Importance): 'kept' | 'full' | 'too-large' {
    const record = Buffer.from(JSON.stringify(event))
    if (record.length > recordBytesMax) return 'too-large'
    const { bytesMax } = this.#options
    const limit = importance === 'must' ? bytesMax : bytesMax * lessImportantShare
    if (this.#bytes + record.length > limit) return 'full'
    const segment = this.#segmentToWrite()
    const before = segment.bytes
    const place = segment.append(record)
    this.#bytes += segment.bytes - before
    this.#add({ ...place, segment, appendedAtMs: Date.now() })
    return 'kept'
  }

  /** The oldest first. Theirs until they are settled or given back. */
  take(most: number): readonly SpoolEntry[] {
    return this.#waiting.splice(0, most)
  }

  giveBack(entries: readonly SpoolEntry[]): void {
    this.#waiting = [...entries, ...this.#waiting]
  }

  /** In the order of the entries. */
  async read(entries: readonly SpoolEntry[]): Promise<readonly BusEvent[]> {
    const events: BusEvent[] = []
    for (const [segment, places] of Map.groupBy(entries, (entry) => entry.segment)) {
      for (const record of await segment.readRecords(places)) events.push(JSON.parse(record.toString()) as BusEvent)
    }
    return events
  }

  settle(entries: readonly SpoolEntry[]): void {
    for (const entry of entries) {
      if (!this.#unsettled.delete(entry)) continue
      const { segment } = entry
      segment.unsettled -= 1
      if (segment.unsettled === 0 && !segment.isWritten) this.#remove(segment)
    }
  }

  /** Asks the disk to keep what the kernel holds. */
  sync(): void {
    this.#current?.sync()
  }

  /** May be called twice. What is not settled stays in the folder. */
  close(): void {
    this.#seal()
  }

  #segmentToWrite(): SpoolSegment {
    if (this.#current !== undefined && this.#current.bytes < segmentBytesMax) return this.#current
    this.#seal()
    this.#made += 1
    const name = `${this.#options.runName}-${String(this.#made).padStart(8, '0')}${suffix}`
    this.#current = SpoolSegment.create(join(this.#options.folder, name))
    this.#segments.add(this.#current)
    return this.#current
  }

  #seal(): void {
    const sealed = this.#current
    this.#current = undefined
    sealed?.seal()
    if (sealed?.unsettled === 0) this.#remove(sealed)
  }

  #takeOver(file: string): void {
    const { segment, places, writtenAtMs: appendedAtMs } = SpoolSegment.read(file)
    this.#bytes += segment.bytes
    this.#segments.add(segment)
    for (const place of places) this.#add({ ...place, segment, appendedAtMs })
    if (places.length === 0) this.#remove(segment)
  }

  #add(entry: SpoolEntry): void {
    this.#waiting.push(entry)
    this.#unsettled.add(entry)
  }

  #remove(segment: SpoolSegment): void {
    if (!this.#segments.delete(segment)) return
    this.#bytes -= segment.bytes
    segment.remove()
  }
}
