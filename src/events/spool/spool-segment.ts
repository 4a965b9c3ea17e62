import { closeSync, fdatasync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** Length and checksum, four bytes each, little-endian, in front of every record. */
const headBytes = 8

export interface RecordPlace {
  readonly offset: number
  readonly length: number
}

/** One file of the spool: records one behind the other. It goes when all of them are settled and no more are written. */
export class SpoolSegment {
  readonly file: string
  bytes: number
  /** Records that somebody still has to settle. */
  unsettled = 0
  #descriptor: number | undefined
  #isSyncing = false

  private constructor(file: string, bytes: number, descriptor?: number) {
    this.file = file
    this.bytes = bytes
    this.#descriptor = descriptor
  }

  static create(file: string): SpoolSegment {
    return new SpoolSegment(file, 0, openSync(file, 'wx', 0o600))
  }

  /** One that an earlier process has left. Records behind a torn one are lost with it: nothing says where they begin. */
  static read(file: string): {
    readonly segment: SpoolSegment
    readonly places: readonly RecordPlace[]
    readonly writtenAtMs: number
  } {
    const content = readFileSync(file)
    const places: RecordPlace[] = []
    let offset = 0
    while (offset + headBytes <= content.length) {
      const length = content.readUInt32LE(offset)
      const record = content.subarray(offset + headBytes, offset + headBytes + length)
      if (record.length < length || crc32(record) !== content.readUInt32LE(offset + 4)) break
      places.push({ offset: offset + headBytes, length })
      offset += headBytes + length
    }
    const segment = new SpoolSegment(file, content.length)
    segment.unsettled = places.length
    return { segment, places, writtenAtMs: statSync(file).mtimeMs }
  }

  /** In the kernel's hands when it returns, so that the end of this process cannot lose it. */
  append(record: Buffer): RecordPlace {
    if (this.#descriptor === undefined) throw new TypeError('expected a segment that is written to')
    const head = Buffer.allocUnsafe(headBytes)
    head.writeUInt32LE(record.length, 0)
    head.writeUInt32LE(crc32(record), 4)
    const bytes = Buffer.concat([head, record])
    // At its place, whatever a disk that ran full has left of the one before.
    const written = writeSync(this.#descriptor, bytes, 0, bytes.length, this.bytes)
    if (written < bytes.length) throw new Error(`the disk has taken ${written} of ${bytes.length} bytes`)
    const place = { offset: this.bytes + headBytes, length: record.length }
    this.bytes += headBytes + record.length
    this.unsettled += 1
    return place
  }

  /** On the disk's, some time later: for the loss of power. */
  sync(): void {
    if (this.#descriptor === undefined || this.#isSyncing) return
    this.#isSyncing = true
    fdatasync(this.#descriptor, () => {
      this.#isSyncing = false
    })
  }

  async readRecords(places: readonly RecordPlace[]): Promise<readonly Buffer[]> {
    const file = await open(this.file, 'r')
    try {
      const records: Buffer[] = []
      for (const { offset, length } of places) {
        const record = Buffer.allocUnsafe(length)
        await file.read(record, 0, length, offset)
        records.push(record)
      }
      return records
    } finally {
      await file.close()
    }
  }

  get isWritten(): boolean {
    return this.#descriptor !== undefined
  }

  /** No more is written. */
  seal(): void {
    if (this.#descriptor === undefined) return
    closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  remove(): void {
    rmSync(this.file, { force: true })
  }
}
