import { constants } from 'node:fs'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'

import { CliError } from '../../../cli/cli-error.ts'
import { at, numberAt, parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import { type ExportCursor, type ExportRange, isCursor } from '../../../store/export/export-page.ts'
import { exportedTables, exportNames } from '../../../store/export/exported-tables.ts'
import type { ExportSink } from './export-sink.ts'
import type { NextPage } from './export-source.ts'
import { csvLines, FileLines, jsonLines } from './text-sink.ts'

export type ExportFormat = 'jsonl' | 'csv' | 'parquet'

export interface ExportWish {
  readonly range: ExportRange
  readonly format: ExportFormat
  /** Appears only once it is whole; until then it is `FILE.part`, and `FILE.state` says how far it is. */
  readonly file: string
  /** Goes on where an earlier run stopped, if one did; with the range that it had. */
  readonly resumes: boolean
  readonly signal?: AbortSignal
}

export interface Exported {
  readonly range: ExportRange
  readonly rows: number
}

/** How far an export has come; beside the file, for whoever goes on with it. */
interface ExportState {
  readonly range: ExportRange
  readonly format: ExportFormat
  readonly bytes: number
  readonly rows: number
  readonly after: ExportCursor
}

const stateEveryRows = 2_000

/**
 * Writes a table to a file, page by page. Rejects with the source's or the file's error, or the signal's reason; what is
 * there by then can be gone on with, but in Parquet.
 *
 * @throws CliError `resume_mismatch` where it is to go on with something else
 */
export async function writeExport(wish: ExportWish, nextPage: NextPage): Promise<Exported> {
  const { file, format, signal } = wish
  const part = `${file}.part`
  const state = wish.resumes ? await readState(wish) : undefined
  const range = state?.range ?? wish.range
  const { sink, close } = await openSink(part, { format, range, bytes: state?.bytes ?? 0 })
  let rows = state?.rows ?? 0
  let told = rows
  let after = state?.after
  try {
    for (;;) {
      const page = await nextPage(range, after)
      await sink.write(page.rows)
      rows += page.rows.length
      after = page.next
      if (after === undefined) break
      const isStopped = signal?.aborted === true
      if (sink.bytes !== undefined && (isStopped || rows - told >= stateEveryRows)) {
        await sink.sync() // or the state could outlive, after a power failure, what it speaks of
        await writeState(file, { range, format, bytes: sink.bytes, rows, after })
        told = rows
      }
      signal?.throwIfAborted()
    }
    await sink.end()
  } finally {
    await close()
  }
  await rename(part, file)
  await rm(stateFile(file), { force: true })
  return { range, rows }
}

async function openSink(
  part: string,
  { format, range, bytes }: { readonly format: ExportFormat; readonly range: ExportRange; readonly bytes: number },
): Promise<{ readonly sink: ExportSink; readonly close: () => Promise<void> }> {
  const { columns } = exportedTables[range.table]
  const fresh = bytes === 0 ? constants.O_TRUNC : 0
  // What people said: for its owner alone.
  const handle = await open(part, constants.O_WRONLY | constants.O_CREAT | fresh, 0o600)
  if (format === 'parquet') {
    await handle.close()
    const { ParquetFile } = await import('./parquet-sink.ts')
    return { sink: new ParquetFile(part, columns), close: () => Promise.resolve() }
  }
  const lines = format === 'csv' ? csvLines(columns) : jsonLines
  return { sink: new FileLines({ file: handle, format: lines, bytes }), close: () => handle.close() }
}

function stateFile(file: string): string {
  return `${file}.state`
}

async function writeState(file: string, state: ExportState): Promise<void> {
  await writeFile(`${stateFile(file)}.new`, JSON.stringify(state), { mode: 0o600 })
  await rename(`${stateFile(file)}.new`, stateFile(file))
}

/** Undefined where there is nothing to go on with: then it begins anew. @throws CliError `resume_mismatch` */
async function readState({ file, format, range }: ExportWish): Promise<ExportState | undefined> {
  const [text, part] = await Promise.all([
    readFile(stateFile(file), 'utf8').catch(() => undefined), // there is none
    stat(`${file}.part`).catch(() => undefined),
  ])
  const state = parseForeignJson(text ?? '')
  if (!isState(state)) return undefined
  const { table, tenant } = state.range
  if (table !== range.table || tenant !== range.tenant || state.format !== format) {
    const whose = tenant === undefined ? '' : ` of the tenant ${tenant}`
    throw new CliError(`${file} is an export of ${table}${whose} as ${state.format} that was stopped.`, {
      code: 'resume_mismatch',
      exitCode: 2,
      nextSteps: ['Go on with the same table, tenant and format, or without --resume, which begins anew.'],
    })
  }
  // Somebody has taken away what was written: to go on behind it would leave a hole.
  return part !== undefined && part.size >= state.bytes ? state : undefined
}

function isState(value: unknown): value is ExportState {
  return (
    exportNames.some((name) => name === textAt(value, 'range', 'table')) &&
    textAt(value, 'format') !== undefined &&
    numberAt(value, 'bytes') !== undefined &&
    numberAt(value, 'rows') !== undefined &&
    isCursor(at(value, 'after'))
  )
}
