import type { FileHandle } from 'node:fs/promises'

import type { ExportRow } from '../../../store/export/export-page.ts'
import type { ExportColumn } from '../../../store/export/exported-tables.ts'
import type { ExportSink } from './export-sink.ts'

/** Rows as lines of text. */
export interface LineFormat {
  /** Before the first row. */
  readonly head: string
  readonly lineOf: (row: ExportRow) => string
}

export const jsonLines: LineFormat = { head: '', lineOf: (row) => `${JSON.stringify(row)}\n` }

/** RFC 4180, with a line of names; objects as JSON, and nothing at all for null. */
export function csvLines(columns: readonly ExportColumn[]): LineFormat {
  const names = columns.map(({ name }) => name)
  return {
    head: `${names.join(',')}\r\n`,
    lineOf: (row) => `${names.map((name) => csvField(row[name])).join(',')}\r\n`,
  }
}

function csvField(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // An empty text is told from nothing by its quotes.
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** To an open file, from a place in it: what an earlier run wrote behind that is overwritten. */
export class FileLines implements ExportSink {
  readonly #file: FileHandle
  readonly #format: LineFormat
  #bytes: number

  constructor(parts: { readonly file: FileHandle; readonly format: LineFormat; readonly bytes: number }) {
    this.#file = parts.file
    this.#format = parts.format
    this.#bytes = parts.bytes
  }

  get bytes(): number {
    return this.#bytes
  }

  async write(rows: readonly ExportRow[]): Promise<void> {
    const { head, lineOf } = this.#format
    const lines = rows.map(lineOf).join('')
    const text = Buffer.from(this.#bytes === 0 ? head + lines : lines)
    await this.#file.write(text, 0, text.length, this.#bytes)
    this.#bytes += text.length
  }

  async sync(): Promise<void> {
    await this.#file.datasync()
  }

  async end(): Promise<void> {
    await this.#file.truncate(this.#bytes)
    await this.#file.sync()
  }
}
