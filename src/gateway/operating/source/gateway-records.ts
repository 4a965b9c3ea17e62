import { type AdminAccess, askGateway } from '../../../cli/admin-client.ts'
import { readFlows } from '../../../cli/format-flow.ts'
import { readConversations, readForgotten, readFound } from '../../../cli/read-memory.ts'
import { readExportPage } from '../export/export-source.ts'
import type { OperatorRecords } from './operator-records.ts'

/** An embedded database takes seconds to open. */
const lookTimeoutMs = 30_000
const pageTimeoutMs = 120_000
/** Years of conversations take a while. */
const forgetTimeoutMs = 600_000

/** What a running gateway keeps, by its admin API. */
export function gatewayRecords(access: AdminAccess): OperatorRecords {
  const look = (path: string, query: Readonly<Record<string, string | undefined>>, timeoutMs = lookTimeoutMs) =>
    askGateway(access, `${path}?${queryOf(query)}`, { timeoutMs })
  return {
    show: async (id, { tenant }) => readConversations(await look('memory/show', { id, tenant })),
    search: async ({ text, most, principal, tenant }) =>
      readFound(await look('memory/search', { q: text, most: String(most), principal, tenant })),
    forget: async ({ isTrial, ...wish }) => {
      const body = JSON.stringify({ ...wish, is_trial: isTrial })
      return readForgotten(
        await askGateway(access, 'memory/forget', { method: 'POST', body, timeoutMs: forgetTimeoutMs }),
      )
    },
    flows: async (id) => readFlows(await look('flows', { id })),
    exportPage: async ({ table, fromMs, toMs, tenant }, after) => {
      const range = { table, from: String(fromMs), to: String(toMs), tenant, after: after && JSON.stringify(after) }
      return readExportPage(await look('export', range, pageTimeoutMs))
    },
  }
}

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  )
  return new URLSearchParams(given).toString()
}
