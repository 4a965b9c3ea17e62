import { closeSync, fdatasync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import { formOf, headBytes, markLength, type RecordForm } from './spool-record.ts'

/** Where the content of a record stands in its file. */
export interface RecordPlace {
  readonly offset: number
  readonly length: number
}

export interface LeftRecord extends RecordPlace {
  readonly form: RecordForm
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
    readonly records: readonly LeftRecord[]
    readonly writtenAtMs: number
  } {
    const content = readFileSync(file)
    const records: LeftRecord[] = []
    let offset = 0
    while (offset + headBytes <= content.length) {
      const length = content.readUInt32LE(offset)
      const record = content.subarray(offset + headBytes, offset + headBytes + length)
      if (record.length < length || crc32(record) !== content.readUInt32LE(offset + 4)) break
      const form = formOf(record)
      records.push({ form, ...placeOf(form, offset, headBytes + length) })
      offset += headBytes + length
    }
    return { segment: new SpoolSegment(file, content.length), records, writtenAtMs: statSync(file).mtimeMs }
  }

  /**
   * In the kernel's hands when it returns, so that the end of this process cannot lose it.
   *
   * @param bytes of a record of this form, with its head
   * @returns where its content is
   * @throws the system's error when the disk refuses it
   */
  append(form: RecordForm, bytes: Buffer): RecordPlace {
    if (this.#descriptor === undefined) throw new TypeError('expected a segment that is written to')
    // At its place, whatever a disk that ran full has left of the one before.
    const written = writeSync(this.#descriptor, bytes, 0, bytes.length, this.bytes)
    if (written < bytes.length) throw new Error(`the disk has taken ${written} of ${bytes.length} bytes`)
    const place = placeOf(form, this.bytes, bytes.length)
    this.bytes += bytes.length
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

  /** No more is written. The disk is asked for what it was not asked for yet, and the file closed some time later. */
  seal(): void {
    const descriptor = this.#descriptor
    if (descriptor === undefined) return
    this.#descriptor = undefined
    fdatasync(descriptor, () => closeSync(descriptor))
  }

  remove(): void {
    rmSync(this.file, { force: true })
  }
}

/** @param offset of the record, which is so many bytes long with its head */
function placeOf(form: RecordForm, offset: number, bytes: number): RecordPlace {
  const before = headBytes + markLength(form)
  return { offset: offset + before, length: bytes - before }
}
