import { Box, Text } from 'ink'
import { createElement } from 'react'
import type { ReactElement } from 'react'

import { gibibytes, rate, span, sparkline } from './amounts.ts'
import { fitTables } from './fit-tables.ts'
import { TableView, tableFrameRows } from './top-table.ts'
import { bar, topTables } from './top-tables.ts'
import type { TopPool, TopSnapshot } from './top-snapshot.ts'

export interface TopViewProps {
  readonly snapshot: TopSnapshot
  readonly columns: number
  /** Infinite: as many as it takes. */
  readonly rows: number
  /** Why what is shown is not of this moment. */
  readonly problem?: string
  /** What the keys do; absent where there are none. */
  readonly keys?: string
}

/** The whole screen in the room there is: title, memory, then the tables, each cut as little as it can be. */
export function TopView({ snapshot, columns, rows, problem, keys }: TopViewProps): ReactElement {
  const { pools } = snapshot
  const tables = topTables(snapshot)
  const room = rows - headRows - pools.length - (keys === undefined ? 0 : footRows)
  const wishes = tables.map((table) => ({ wanted: table.rows.length, rank: table.rank }))
  const shares = fitTables(wishes, { room, frame: tableFrameRows })
  const shown = tables.flatMap((table, index) => {
    const share = shares[index] ?? 0
    return share > 0 ? [createElement(TableView, { key: table.title, table, rows: share, width: columns })] : []
  })
  const isQuiet = tables.length === 0
  return createElement(
    Box,
    { flexDirection: 'column', width: columns },
    createElement(Title, { snapshot, columns }),
    createElement(Text, { color: 'red', wrap: 'truncate' }, problem ?? ' '),
    ...pools.map((pool) => createElement(Pool, { key: pool.name, pool, columns, nameWidth: nameWidthOf(pools) })),
    ...shown,
    ...(isQuiet ? [createElement(Text, { key: 'quiet', dimColor: true }, 'Nothing has been asked for yet.')] : []),
    ...(keys === undefined
      ? []
      : [createElement(Text, { key: 'keys', dimColor: true, wrap: 'truncate' }, `\n${keys}`)]),
  )
}

const headRows = 2
const footRows = 2

function Title({ snapshot, columns }: { readonly snapshot: TopSnapshot; readonly columns: number }): ReactElement {
  const { gateway, atMs, tokenRates } = snapshot
  const left = `llmr ${gateway.version}`
  const facts = `  ${gateway.url}  up ${span(atMs - gateway.startedAtMs)}`
  const now = `${rate(tokenRates.at(-1) ?? 0)} tok/s `
  const line = sparkline(tokenRates)
  const room = columns - left.length - facts.length - now.length - line.length
  return createElement(
    Text,
    { wrap: 'truncate' },
    createElement(Text, { bold: true }, left),
    createElement(Text, { dimColor: true }, facts),
    ...(room < 2
      ? []
      : [
          createElement(Text, { key: 'gap' }, ' '.repeat(room)),
          createElement(Text, { key: 'now', color: 'green' }, now),
          createElement(Text, { key: 'line', color: 'green' }, line),
        ]),
  )
}

function Pool({
  pool: { name, sizeBytes, usedBytes },
  columns,
  nameWidth,
}: {
  readonly pool: TopPool
  readonly columns: number
  readonly nameWidth: number
}): ReactElement {
  const figures = `${gibibytes(usedBytes)} of ${gibibytes(sizeBytes)} GiB`
  const cells = Math.max(8, Math.min(60, columns - nameWidth - figures.length - 4))
  const share = sizeBytes === 0 ? 0 : usedBytes / sizeBytes
  const color = share > 0.95 ? 'red' : share > 0.8 ? 'yellow' : 'green'
  return createElement(
    Text,
    { wrap: 'truncate' },
    `${name.padEnd(nameWidth)}  `,
    createElement(Text, { color }, bar(share, cells)),
    `  ${figures}`,
  )
}

function nameWidthOf(pools: readonly TopPool[]): number {
  return Math.max(0, ...pools.map(({ name }) => name.length))
}
