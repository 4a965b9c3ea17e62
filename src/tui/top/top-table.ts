import type { PartColor, ScreenLine } from './screen-line.ts'

export interface Cell {
  readonly text: string
  readonly color?: PartColor
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

/** Rows beside those of the table's own: a blank one, the title, the names of the columns. */
export const tableFrameRows = 3

/** A titled table in the rows and columns it is given; what does not fit is counted instead of shown. */
export function tableLines(table: TopTable, { rows, width }: { rows: number; width: number }): readonly ScreenLine[] {
  const shown = table.rows.length > rows ? table.rows.slice(0, Math.max(0, rows - 1)) : table.rows
  const hidden = table.rows.length - shown.length
  const widths = fitColumns(table, width)
  const names = table.columns.map(({ title }): Cell => ({ text: title, color: 'gray' }))
  return [
    [],
    [
      { text: table.title, color: 'cyan', isBold: true },
      { text: table.note === undefined ? '' : `  ${table.note}`, isDim: true },
    ],
    ...[names, ...shown].map((cells) => rowLine(cells, table.columns, widths)),
    ...(hidden > 0 && rows > 0 ? [[{ text: `… and ${hidden} more`, isDim: true } as const]] : []),
  ]
}

function rowLine(cells: readonly Cell[], columns: readonly Column[], widths: readonly number[]): ScreenLine {
  return cells.map(({ text, color }, index) => {
    const width = widths[index] ?? 0
    const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…`.slice(0, width) : text
    const padded = columns[index]?.align === 'right' ? cut.padStart(width) : cut.padEnd(width)
    return { text: `${padded}${' '.repeat(width === 0 ? 0 : gap)}`, color }
  })
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
