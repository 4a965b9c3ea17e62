import { at, listAt } from '../../../core/foreign-json.ts'
import { type ExportCursor, type ExportPage, type ExportRange, isCursor } from '../../../store/export/export-page.ts'

/** The next rows; along an index, so that how far it is does not matter. */
export type NextPage = (range: ExportRange, after: ExportCursor | undefined) => Promise<ExportPage>

/** Their texts are in memory together. */
export const exportPageRows = 100

/** A page as a gateway gave it. */
export function readExportPage(reply: unknown): ExportPage {
  const next = at(reply, 'next')
  return { rows: listAt(reply, 'rows') as ExportPage['rows'], ...(isCursor(next) && { next }) }
}
