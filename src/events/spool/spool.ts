import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { BusEvent } from '../../core/bus.ts'
import { readLeft, spoolSuffix } from './left-entries.ts'
import { readEntries } from './read-entries.ts'
import type { SpoolBeginning, SpoolEntry, SpoolPart } from './spool-entry.ts'
import { type RecordForm, RecordWriter } from './spool-record.ts'
import { SpoolSegment } from './spool-segment.ts'

export interface SpoolOptions {
  /** Made unless it is there. One process at a time. */
  readonly folder: string
  readonly bytesMax: number
  /** Unique among the processes that ever used the folder, and sorted by time. */
  readonly runName: string
}

/** `must`: kept as long as there is any room. `may`: dropped when the spool is so full that the others need what is left. */
export type Importance = 'must' | 'may'

/** `refused`: by the disk; the system's error says why. Nothing is left of it, and the next may be kept. */
export type Appended = 'kept' | 'full' | 'too-large' | { readonly refused: unknown }

const segmentBytesMax = 4 * 1024 * 1024
/** Of the whole, so that what is settled makes room in a small spool too: a file goes as one. */
const segmentShareMax = 1 / 8
/** Larger events are refused by brokers as they are set up. */
const recordBytesMax = 768 * 1024
/** Beginnings from this length on are written ahead: what is left to the end of a reply is as little as for a short one. */
const aheadBytesMin = 16 * 1024

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
  readonly #writer = new RecordWriter()
  #current: SpoolSegment | undefined
  #made = 0
  #begun = 0
  #bytes = 0

  constructor(options: SpoolOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    this.#takeOver(options.folder)
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

  /** In the kernel's hands when it returns `kept`. */
  append(event: BusEvent, importance: Importance): Appended {
    return this.#keep({ text: JSON.stringify(event) }, importance)
  }

  /**
   * Of an event of which the rest is known later only. It counts for nothing until that is there.
   *
   * @param text of the event as JSON, up to the place where the rest goes on
   */
  begin(text: string): SpoolBeginning {
    const bytes = Buffer.from(text)
    if (bytes.length > recordBytesMax) return { type: 'too-large' }
    if (bytes.length < aheadBytesMin) return { type: 'held', bytes }
    this.#begun += 1
    const part = this.#write({ type: 'beginning', number: this.#begun }, { text }, this.#options.bytesMax)
    // Tried again with the rest, which is when it is told whoever wants to know.
    return isPart(part) ? { type: 'written', number: this.#begun, part } : { type: 'held', bytes }
  }

  /** The event is whole; in the kernel's hands when it returns `kept`. */
  finish(beginning: SpoolBeginning, rest: string, importance: Importance): Appended {
    if (beginning.type === 'too-large') return 'too-large'
    if (beginning.type === 'held') return this.#keep({ before: beginning.bytes, text: rest }, importance)
    const { number, part } = beginning
    const outcome = this.#keep({ text: rest, number, beginning: part }, importance)
    if (outcome !== 'kept') this.#release(part)
    return outcome
  }

  /** The oldest first. Theirs until they are settled or given back. */
  take(most: number): readonly SpoolEntry[] {
    return this.#waiting.splice(0, most)
  }

  giveBack(entries: readonly SpoolEntry[]): void {
    this.#waiting = [...entries, ...this.#waiting]
  }

  /** In the order of the entries. */
  read(entries: readonly SpoolEntry[]): Promise<readonly BusEvent[]> {
    return readEntries(entries)
  }

  settle(entries: readonly SpoolEntry[]): void {
    for (const entry of entries) {
      if (this.#unsettled.delete(entry)) entry.parts.forEach((part) => this.#release(part))
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

  #keep(
    { before, text, number, beginning }: { before?: Buffer; text: string; number?: number; beginning?: SpoolPart },
    importance: Importance,
  ): Appended {
    const { bytesMax } = this.#options
    const form: RecordForm = number === undefined ? { type: 'whole' } : { type: 'rest', number }
    const limit = importance === 'must' ? bytesMax : bytesMax * lessImportantShare
    const part = this.#write(form, { before, text, besides: beginning?.length }, limit)
    if (!isPart(part)) return part
    this.#add({ parts: beginning === undefined ? [part] : [beginning, part], appendedAtMs: Date.now() })
    return 'kept'
  }

  #write(
    form: RecordForm,
    { before, text, besides = 0 }: { before?: Buffer; text: string; besides?: number },
    limit: number,
  ): SpoolPart | Exclude<Appended, 'kept'> {
    const bytes = this.#writer.write({ form, before, text })
    if (bytes.length + besides > recordBytesMax) return 'too-large'
    if (this.#bytes + bytes.length > limit) return 'full'
    try {
      const segment = this.#segmentToWrite()
      const place = segment.append(form, bytes)
      this.#bytes += bytes.length
      return { ...place, segment }
    } catch (refused) {
      // Once it is settled, its file goes and makes room: on a disk that is full nothing else will.
      if (this.#current !== undefined && this.#current.bytes > 0) this.#seal()
      return { refused }
    }
  }

  #segmentToWrite(): SpoolSegment {
    const bytesMax = Math.min(segmentBytesMax, this.#options.bytesMax * segmentShareMax)
    if (this.#current !== undefined && this.#current.bytes < bytesMax) return this.#current
    this.#seal()
    this.#made += 1
    const name = `${this.#options.runName}-${String(this.#made).padStart(8, '0')}${spoolSuffix}`
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

  #takeOver(folder: string): void {
    const { segments, entries } = readLeft(folder)
    for (const segment of segments) {
      this.#bytes += segment.bytes
      this.#segments.add(segment)
    }
    for (const entry of entries) {
      for (const { segment } of entry.parts) segment.unsettled += 1
      this.#add(entry)
    }
    for (const segment of segments) if (segment.unsettled === 0) this.#remove(segment)
  }

  #add(entry: SpoolEntry): void {
    this.#waiting.push(entry)
    this.#unsettled.add(entry)
  }

  #release({ segment }: SpoolPart): void {
    segment.unsettled -= 1
    if (segment.unsettled === 0 && !segment.isWritten) this.#remove(segment)
  }

  #remove(segment: SpoolSegment): void {
    if (!this.#segments.delete(segment)) return
    this.#bytes -= segment.bytes
    segment.remove()
  }
}

function isPart(part: SpoolPart | Exclude<Appended, 'kept'>): part is SpoolPart {
  return typeof part === 'object' && 'segment' in part
}
