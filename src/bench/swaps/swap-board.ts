import type { BarBoard, BarKind } from '../../tui/bars/bar-board.ts'
import type { MeasuredSwap } from './measure-swaps.ts'
import { ownMs } from './swap-phases.ts'
import type { PhaseTimes } from './swap-phases.ts'
import { summariseSwaps } from './summarise-swaps.ts'

/** What is shown while swaps are measured: the medians so far, a bar for each model and temperature. */
export function swapBoard({ swaps, of, now }: { swaps: readonly MeasuredSwap[]; of: number; now: string }): BarBoard {
  return {
    title: 'Swaps, from the request to its first token',
    progress: { done: swaps.length, of, now },
    kinds,
    unit: 'median ms',
    rows: summariseSwaps(swaps).map(({ model, wanted, phases_ms, total_ms, own_ms }) => ({
      label: `${model} ${wanted}`,
      lengths: lengthsOf(phases_ms),
      note: `${total_ms.median.toFixed(0)} ms, llmr's own ${own_ms.median.toFixed(0)}`,
    })),
  }
}

const kinds: readonly BarKind[] = [
  { name: 'stop', color: 'gray' },
  { name: "llmr's own", color: 'yellow' },
  { name: 'spawn', color: 'blue' },
  { name: 'load', color: 'cyan' },
  { name: 'save and restore', color: 'magenta' },
  { name: 'first token', color: 'green' },
]

function lengthsOf(phases: PhaseTimes): readonly number[] {
  const { drain, stop, spawn, load, save, restore, token } = phases
  return [drain + stop, ownMs(phases), spawn, load, save + restore, token]
}
