import type { ExportCursor, ExportPage, ExportRange } from '../../../store/export/export-page.ts'
import { exportPage, isCursor } from '../../../store/export/export-page.ts'
import { askRunningGateway } from '../ask-running-gateway.ts'
import { isWithoutGateway } from '../find-flows.ts'
import { withStore } from '../with-store.ts'

export interface ExportWhere {
  readonly url?: string
  readonly config?: string
  readonly data?: string
}

/** The next rows; along an index, so that how far it is does not matter. */
export type NextPage = (range: ExportRange, after: ExportCursor | undefined) => Promise<ExportPage>

/** Their texts are in memory together. */
export const exportPageRows = 100
const pageTimeoutMs = 120_000

/**
 * Lends pages of what is kept: the gateway's, which may hold the store; where none runs, the store's own.
 *
 * @throws CliError, ConfigError, StoreError, and what the work throws
 */
export async function withExportSource<Result>(
  where: ExportWhere,
  work: (nextPage: NextPage) => Promise<Result>,
): Promise<Result> {
  try {
    await askRunningGateway({ ...where, path: 'status' })
  } catch (error) {
    if (where.url !== undefined || !isWithoutGateway(error)) throw error
    return withStore(where, ({ query }) =>
      work((range, after) =>
        exportPage(query, { ...range, most: exportPageRows, ...(after !== undefined && { after }) }),
      ),
    )
  }
  return work(async ({ table, fromMs, toMs, tenant }, after) => {
    const asked = new URLSearchParams({ table, from: String(fromMs), to: String(toMs) })
    if (tenant !== undefined) asked.set('tenant', tenant)
    if (after !== undefined) asked.set('after', JSON.stringify(after))
    const path = `export?${asked.toString()}`
    return readPage(await askRunningGateway({ ...where, path, timeoutMs: pageTimeoutMs }))
  })
}

function readPage(reply: unknown): ExportPage {
  const rows: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'rows') : undefined
  const next: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'next') : undefined
  return { rows: Array.isArray(rows) ? (rows as ExportPage['rows']) : [], ...(isCursor(next) && { next }) }
}
