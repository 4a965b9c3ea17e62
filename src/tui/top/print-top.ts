import { stripVTControlCharacters } from 'node:util'

import { renderToString } from 'ink'
import { createElement } from 'react'

import type { TopSnapshot } from './top-snapshot.ts'
import { TopView } from './top-view.ts'

/** The screen as text, for files and pipes: every row, no colours. */
export function printTop(snapshot: TopSnapshot, columns: number): string {
  const drawn = renderToString(createElement(TopView, { snapshot, columns, rows: Infinity }), { columns })
  return stripVTControlCharacters(drawn)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
