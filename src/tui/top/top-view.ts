import { createElement } from 'react'
import type { ReactElement } from 'react'

import { ScreenView } from '../screen-view.ts'
import { type TopScreen, topScreen } from './top-screen.ts'

/** Paints the screen. */
export function TopView(screen: TopScreen): ReactElement {
  return createElement(ScreenView, { lines: topScreen(screen), columns: screen.columns })
}
