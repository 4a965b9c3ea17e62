import type { SwapWatcher } from './run-swap-bench.ts'
import { swapBoard } from './swap-board.ts'
import type { MeasuredSwap } from './measure-swaps.ts'

export interface Terminal extends NodeJS.WritableStream {
  readonly isTTY?: boolean
}

export interface OpenWatcher extends SwapWatcher {
  /** Leaves the terminal as it was. May be called twice. */
  close(): void
}

/** Bars on a terminal, one line a swap anywhere else: only a terminal pays for loading the screen. */
export async function watchSwaps(
  terminal: Terminal,
  { isPlain, print }: { readonly isPlain: boolean; readonly print: (line: string) => void },
): Promise<OpenWatcher> {
  if (isPlain || terminal.isTTY !== true) {
    return {
      begin: ({ from, to, wanted }) => print(`${from} → ${to}, ${wanted}`),
      measured: () => undefined,
      close: () => undefined,
    }
  }
  const { openBarBoard } = await import('../../tui/bars/open-bar-board.ts')
  const swaps: MeasuredSwap[] = []
  const board = openBarBoard(terminal, swapBoard({ swaps, of: 0, now: 'how fast are files read?' }))
  let last = { of: 0, now: '' }
  return {
    begin: ({ from, to, wanted, of }) => {
      last = { of, now: `${from} → ${to}, ${wanted}` }
      board.show(swapBoard({ swaps, ...last }))
    },
    measured: (swap) => {
      swaps.push(swap)
      board.show(swapBoard({ swaps, ...last }))
    },
    close: () => board.close(),
  }
}
