import { Box, Text } from 'ink'
import { createElement } from 'react'
import type { ReactElement } from 'react'

/** What a measurement that runs has found so far, as bars of one scale. */
export interface BarBoard {
  readonly title: string
  readonly progress: { readonly done: number; readonly of: number; readonly now: string }
  readonly rows: readonly BarRow[]
  /** What the colours stand for; kinds of a length of 0 in every row are left out. */
  readonly kinds: readonly BarKind[]
  readonly unit: string
}

export interface BarRow {
  readonly label: string
  /** One for each kind, in the same order. */
  readonly lengths: readonly number[]
  readonly note: string
}

export interface BarKind {
  readonly name: string
  readonly color: BarColor
}

export type BarColor = 'gray' | 'red' | 'yellow' | 'green' | 'cyan' | 'blue' | 'magenta'

/** Room for a bar that still says something. */
const barWidthMin = 10

export function BarBoardView({ board, columns }: { readonly board: BarBoard; readonly columns: number }): ReactElement {
  const labelWidth = Math.max(0, ...board.rows.map(({ label }) => label.length))
  const noteWidth = Math.max(0, ...board.rows.map(({ note }) => note.length))
  const barWidth = Math.max(barWidthMin, columns - labelWidth - noteWidth - 4)
  const longest = Math.max(1e-9, ...board.rows.map(({ lengths }) => sum(lengths)))
  return createElement(
    Box,
    { flexDirection: 'column', width: columns },
    createElement(Text, { bold: true, wrap: 'truncate' }, board.title),
    progressLine(board, columns),
    ...board.rows.map((row) =>
      createElement(
        Box,
        { key: row.label },
        createElement(Text, { wrap: 'truncate' }, `${row.label.padEnd(labelWidth)}  `),
        createElement(Box, { width: barWidth, flexShrink: 0 }, ...barParts(row, board.kinds, barWidth / longest)),
        createElement(Text, { dimColor: true, wrap: 'truncate' }, `  ${row.note}`),
      ),
    ),
    legend(board),
  )
}

function progressLine({ progress: { done, of, now } }: BarBoard, columns: number): ReactElement {
  const width = Math.min(30, Math.floor(columns / 3))
  const filled = of === 0 ? 0 : Math.round((Math.min(done, of) / of) * width)
  return createElement(
    Text,
    { wrap: 'truncate' },
    createElement(Text, { color: 'green' }, '━'.repeat(filled)),
    createElement(Text, { dimColor: true }, '─'.repeat(width - filled)),
    ` ${done} of ${of}  ${now}`,
  )
}

/** Cut at rounded ends rather than by rounded lengths, so that small parts add up to no more than the whole. */
function barParts({ lengths }: BarRow, kinds: readonly BarKind[], scale: number): readonly ReactElement[] {
  let end = 0
  let drawn = 0
  return lengths.map((length, index) => {
    end += length * scale
    const cells = Math.round(end) - drawn
    drawn += cells
    return createElement(Text, { key: index, color: kinds[index]?.color ?? 'gray' }, '█'.repeat(cells))
  })
}

function legend({ rows, kinds, unit }: BarBoard): ReactElement {
  const seen = kinds.filter((_, index) => rows.some(({ lengths }) => (lengths[index] ?? 0) > 0))
  return createElement(
    Text,
    { wrap: 'truncate' },
    ...seen.map(({ name, color }) =>
      createElement(Text, { key: name }, createElement(Text, { color }, '█'), ` ${name}  `),
    ),
    createElement(Text, { dimColor: true }, rows.length === 0 ? '' : unit),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
