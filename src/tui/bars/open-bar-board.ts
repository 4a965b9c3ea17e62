import { render, useWindowSize } from 'ink'
import { createElement } from 'react'
import type { ReactElement } from 'react'

import { BarBoardView } from './bar-board.ts'
import type { BarBoard } from './bar-board.ts'

export interface OpenBoard {
  show(board: BarBoard): void
  /** Takes the board off the terminal, for what is printed next. May be called twice. */
  close(): void
}

/** Shows a board at the foot of a terminal and keeps it up to date. It reads no keys: Ctrl-C stays the process' own. */
export function openBarBoard(terminal: NodeJS.WritableStream, first: BarBoard): OpenBoard {
  const instance = render(createElement(Fitted, { board: first }), { stdout: terminal, exitOnCtrlC: false, maxFps: 10 })
  let isOpen = true
  return {
    show: (board) => {
      if (isOpen) instance.rerender(createElement(Fitted, { board }))
    },
    close: () => {
      if (!isOpen) return
      isOpen = false
      instance.clear()
      instance.unmount()
    },
  }
}

/** As wide as the terminal, whatever becomes of that. */
function Fitted({ board }: { readonly board: BarBoard }): ReactElement {
  const { columns } = useWindowSize()
  return createElement(BarBoardView, { board, columns: Math.max(40, columns) })
}
