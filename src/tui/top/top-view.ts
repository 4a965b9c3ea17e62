import { Box, Text } from 'ink'
import { createElement } from 'react'
import type { ReactElement } from 'react'

import { type TopScreen, topScreen } from './top-screen.ts'

/** Paints the screen. */
export function TopView(screen: TopScreen): ReactElement {
  const lines = topScreen(screen).map((line, row) =>
    createElement(
      Text,
      { key: row, wrap: 'truncate' },
      ...line.map(({ text, color, isBold = false, isDim = false }, index) =>
        createElement(Text, { key: index, color, bold: isBold, dimColor: isDim }, text),
      ),
      // A row without text has no height.
      line.length === 0 ? ' ' : '',
    ),
  )
  return createElement(Box, { flexDirection: 'column', width: screen.columns }, ...lines)
}
