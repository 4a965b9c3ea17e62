import { LlmrError } from '../../../core/error.ts'
import { tenantOf } from '../../../core/tenant.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { type ExportPage, type ExportRange, isCursor } from '../../../store/export/export-page.ts'
import { exportNames } from '../../../store/export/exported-tables.ts'
import type { StoreAccess } from '../../../store/store-access.ts'
import { expectKey } from '../expect-key.ts'
import { exportPageRows } from './export-source.ts'

export interface ExportParts {
  /** Absent: this gateway was started without one. */
  readonly store: Pick<StoreAccess, 'opened'> | undefined
}

/**
 * The next rows of a table, for `llmr export`: of the caller's tenant, or of the one that the operator on this machine names.
 * They hold what people said, so somebody without a key gets none of them, also where nothing else needs one.
 *
 * @throws LlmrError `forbidden`, `not_supported`, `invalid_request`, `store_unavailable`
 */
export async function exportFor(exchange: Exchange, { store }: ExportParts): Promise<ExportPage> {
  const { principal, query } = exchange
  expectKey(exchange)
  if (store === undefined) throw new LlmrError('not_supported', 'This gateway keeps nothing: it has no data folder.')
  const asked = new URLSearchParams(query)
  const after = parsed(asked.get('after'))
  const range = rangeOf(asked)
  const tenant = principal?.seesEveryTenant === true ? (asked.get('tenant') ?? undefined) : tenantOf(principal)
  try {
    const opened = await store.opened()
    return await opened.exportPage({
      ...range,
      most: exportPageRows,
      ...(tenant !== undefined && { tenant }),
      ...(isCursor(after) && { after }),
    })
  } catch (cause) {
    throw new LlmrError('store_unavailable', 'The store does not answer just now.', { cause })
  }
}

function rangeOf(asked: URLSearchParams): ExportRange {
  const table = exportNames.find((name) => name === asked.get('table'))
  const fromMs = Number(asked.get('from') ?? Number.NaN)
  const toMs = Number(asked.get('to') ?? Number.NaN)
  if (table !== undefined && isMoment(fromMs) && isMoment(toMs)) return { table, fromMs, toMs }
  throw new LlmrError('invalid_request', `Expected table (${exportNames.join(', ')}), from and to in milliseconds.`)
}

function isMoment(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms < 1e14
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    throw new LlmrError('invalid_request', 'Expected "after" as the page before gave it.', { param: 'after' })
  }
}
