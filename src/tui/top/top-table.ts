import { Box, Text } from 'ink'
import { createElement } from 'react'
import type { ReactElement } from 'react'

export type CellColor = 'green' | 'yellow' | 'red' | 'cyan' | 'gray'

export interface Cell {
  readonly text: string
  readonly color?: CellColor
}

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** Gives way first where the terminal is narrow. */
  readonly isElastic?: true
}

export interface TopTable {
  readonly title: string
  /** Of tables that do not fit together, the one with the highest rank is left out first. */
  readonly rank: number
  /** Beside the title. */
  readonly note?: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

const gap = 2
const elasticMin = 8

/** A titled table in the rows and columns it is given; what does not fit is counted instead of shown. */
export function TableView({
  table,
  rows,
  width,
}: {
  readonly table: TopTable
  readonly rows: number
  readonly width: number
}): ReactElement {
  const shown = table.rows.length > rows ? table.rows.slice(0, Math.max(0, rows - 1)) : table.rows
  const hidden = table.rows.length - shown.length
  const widths = fitColumns(table, width)
  return createElement(
    Box,
    { flexDirection: 'column', marginTop: 1 },
    createElement(
      Text,
      { wrap: 'truncate' },
      createElement(Text, { bold: true, color: 'cyan' }, table.title),
      createElement(Text, { dimColor: true }, table.note === undefined ? '' : `  ${table.note}`),
    ),
    line(
      table.columns.map(({ title }) => ({ text: title, color: 'gray' })),
      { key: 'head', table, widths },
    ),
    ...shown.map((cells, index) => line(cells, { key: index, table, widths })),
    ...(hidden > 0 && rows > 0
      ? [createElement(Text, { key: 'more', dimColor: true, wrap: 'truncate' }, `… and ${hidden} more`)]
      : []),
  )
}

/** Rows of the terminal beside those of the table's own: a blank one, the title, the names of the columns. */
export const tableFrameRows = 3

function line(
  cells: readonly Cell[],
  {
    key,
    table,
    widths,
  }: { readonly key: string | number; readonly table: TopTable; readonly widths: readonly number[] },
): ReactElement {
  const texts = cells.map(({ text, color }, index) => {
    const width = widths[index] ?? 0
    const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…`.slice(0, width) : text
    const isRight = table.columns[index]?.align === 'right'
    const padded = isRight ? cut.padStart(width) : cut.padEnd(width)
    return createElement(Text, { key: index, color }, `${padded}${' '.repeat(width === 0 ? 0 : gap)}`)
  })
  return createElement(Text, { key, wrap: 'truncate' }, ...texts)
}

/** As wide as the widest cell; where that is too much, elastic columns shrink first, and the last ones go after that. */
function fitColumns({ columns, rows }: TopTable, width: number): readonly number[] {
  const wanted = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((cells) => cells[index]?.text.length ?? 0)),
  )
  let over = wanted.reduce((sum, column) => sum + column + gap, -gap) - width
  const widths = wanted.map((column, index) => {
    if (columns[index]?.isElastic !== true || over <= 0) return column
    const less = Math.min(over, Math.max(0, column - elasticMin))
    over -= less
    return column - less
  })
  for (let last = widths.length - 1; last > 0 && over > 0; last--) {
    over -= (widths[last] ?? 0) + gap
    widths[last] = 0
  }
  return widths
}
