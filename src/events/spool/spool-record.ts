import { crc32 } from 'node:zlib'

/** Length and checksum, four bytes each, little-endian, in front of every record. */
export const headBytes = 8

/**
 * What a record holds: the JSON of an event, or the beginning or the rest of one. Those two start with a byte that no JSON
 * starts with, and with the number of the beginning, unique among all that one process writes.
 */
export type RecordForm =
  | { readonly type: 'whole' }
  | { readonly type: 'beginning'; readonly number: number }
  | { readonly type: 'rest'; readonly number: number }

const markOf = { beginning: 1, rest: 2 } as const
/** The mark, and four bytes of the number. */
const markBytes = 5

/** For longer records room is made anew each time. */
const scratchBytes = 64 * 1024
/** In UTF-8, for each unit of a text. */
const unitBytesMax = 3

/** Makes the bytes of records in a place of its own: one is made for every event, and soon written. */
export class RecordWriter {
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes)

  /**
   * @param before what stands in front of the text
   * @returns bytes that are there until the next call, the head in front of them
   */
  write({ form, before, text }: { form: RecordForm; before?: Buffer; text: string }): Buffer {
    const room = headBytes + markBytes + (before?.length ?? 0) + text.length * unitBytesMax
    const bytes = room <= scratchBytes ? this.#scratch : Buffer.allocUnsafe(room)
    let end = headBytes
    if (form.type !== 'whole') {
      bytes[end] = markOf[form.type]
      bytes.writeUInt32LE(form.number, end + 1)
      end += markBytes
    }
    if (before !== undefined) end += before.copy(bytes, end)
    end += bytes.write(text, end)
    bytes.writeUInt32LE(end - headBytes, 0)
    bytes.writeUInt32LE(crc32(bytes.subarray(headBytes, end)), 4)
    return bytes.subarray(0, end)
  }
}

/** What a record is that is read without its head. */
export function formOf(record: Buffer): RecordForm {
  const type = record[0] === markOf.beginning ? 'beginning' : record[0] === markOf.rest ? 'rest' : 'whole'
  if (type === 'whole' || record.length < markBytes) return { type: 'whole' }
  return { type, number: record.readUInt32LE(1) }
}

/** How many bytes of a record, behind its head, are no content. */
export function markLength({ type }: RecordForm): number {
  return type === 'whole' ? 0 : markBytes
}
