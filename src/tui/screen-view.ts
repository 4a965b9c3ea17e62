import { Box, Text } from 'ink'
import { createElement } from 'react'
import type { ReactElement } from 'react'

import type { ScreenLine } from './top/screen-line.ts'

export interface ScreenViewProps {
  readonly lines: readonly ScreenLine[]
  readonly columns: number
  /** No colours, and nothing bold or dim: the text alone says it all. */
  readonly isPlain?: boolean
}

/** Paints rows, each as wide as it is and none wrapped. */
export function ScreenView({ lines, columns, isPlain = false }: ScreenViewProps): ReactElement {
  const rows = lines.map((line, row) =>
    createElement(
      Text,
      { key: row, wrap: 'truncate' },
      ...line.map(({ text, color, isBold = false, isDim = false }, index) => {
        const look = isPlain ? {} : { color, bold: isBold, dimColor: isDim }
        return createElement(Text, { key: index, ...look }, text)
      }),
      // A row without text has no height.
      line.length === 0 ? ' ' : '',
    ),
  )
  return createElement(Box, { flexDirection: 'column', width: columns }, ...rows)
}
