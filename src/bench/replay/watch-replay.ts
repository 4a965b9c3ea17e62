import type { PolicyOutcome } from '../../sim/swaps/compare-policies.ts'
import type { Terminal } from '../swaps/watch-swaps.ts'
import { replayBoard } from './replay-board.ts'
import type { ReplayProgress } from './replay-board.ts'
import type { ReplayWatcher } from './run-replay-bench.ts'

export interface OpenReplayWatcher extends ReplayWatcher {
  /** Leaves the terminal as it was. May be called twice. */
  close(): void
}

const nothingYet = { sent: 0, ended: 0, loads: 0 }

/** Bars on a terminal, one line a policy anywhere else: only a terminal pays for loading the screen. */
export async function watchReplay(
  terminal: Terminal,
  { isPlain, print }: { readonly isPlain: boolean; readonly print: (line: string) => void },
): Promise<OpenReplayWatcher> {
  if (isPlain || terminal.isTTY !== true) {
    return {
      begin: ({ policy, of, lastsMs }) => print(`${policy}: ${of} requests in ${Math.ceil(lastsMs / 1000)} s or more`),
      changed: () => undefined,
      ended: () => undefined,
      close: () => undefined,
    }
  }
  const { openBarBoard } = await import('../../tui/bars/open-bar-board.ts')
  const ended: PolicyOutcome[] = []
  let progress: ReplayProgress = { policy: 'looking for the least wait', of: 0, counts: nothingYet, ended }
  const board = openBarBoard(terminal, replayBoard(progress))
  const show = (changed: Partial<ReplayProgress>): void => {
    progress = { ...progress, ...changed }
    board.show(replayBoard(progress))
  }
  return {
    begin: ({ policy, of }) => show({ policy, of, counts: nothingYet }),
    changed: (counts) => show({ counts }),
    ended: (outcome) => show({ ended: [...progress.ended, outcome] }),
    close: () => board.close(),
  }
}
