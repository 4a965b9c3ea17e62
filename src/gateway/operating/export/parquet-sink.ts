import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'

import type { ExportRow } from '../../../store/export/export-page.ts'
import type { ExportColumn, ExportType } from '../../../store/export/exported-tables.ts'
import type { ExportSink } from './export-sink.ts'

const types = {
  text: 'STRING',
  integer: 'INT64',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
  json: 'JSON',
} as const satisfies Record<ExportType, string>

/** Rows that are in memory together, by whichever comes first. */
const groupRowsMax = 20_000
const groupCharactersMax = 16 * 1024 * 1024

/** A Parquet file, group of rows by group of rows: what it takes of memory does not grow with the file. */
export class ParquetFile implements ExportSink {
  /** Its end says where everything is, so an unfinished one is nothing. */
  readonly bytes = undefined
  readonly #columns: readonly ExportColumn[]
  readonly #writer: ParquetWriter
  #rows: ExportRow[] = []
  #characters = 0

  constructor(file: string, columns: readonly ExportColumn[]) {
    this.#columns = columns
    const schema = schemaFromColumnData({ columnData: this.#columnData([]) })
    this.#writer = new ParquetWriter({ writer: fileWriter(file), schema, createdBy: 'llmr' })
  }

  async write(rows: readonly ExportRow[]): Promise<void> {
    for (const row of rows) {
      this.#rows.push(row)
      this.#characters += JSON.stringify(row).length
    }
    if (this.#rows.length >= groupRowsMax || this.#characters >= groupCharactersMax) await this.#writeGroup()
  }

  /** It is nothing before its end. */
  sync(): Promise<void> {
    return Promise.resolve()
  }

  async end(): Promise<void> {
    if (this.#rows.length > 0) await this.#writeGroup()
    await this.#writer.finish()
  }

  async #writeGroup(): Promise<void> {
    const rows = this.#rows
    this.#rows = []
    this.#characters = 0
    await this.#writer.write({ columnData: this.#columnData(rows), rowGroupSize: rows.length })
  }

  #columnData(rows: readonly ExportRow[]) {
    return this.#columns.map(({ name, type }) => ({
      name,
      type: types[type],
      nullable: true,
      data: rows.map((row) => parquetValue(row[name], type)),
    }))
  }
}

function parquetValue(value: unknown, type: ExportType): unknown {
  if (value === null || value === undefined) return null
  if (type === 'integer') return BigInt(Number(value))
  if (type === 'time') return typeof value === 'string' ? new Date(value) : null
  return value
}
