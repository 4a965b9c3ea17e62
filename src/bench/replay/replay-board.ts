import type { PolicyOutcome } from '../../sim/swaps/compare-policies.ts'
import type { BarBoard, BarKind } from '../../tui/bars/bar-board.ts'
import type { ReplayCounts } from './replay-through-gateway.ts'

export interface ReplayProgress {
  readonly policy: string
  readonly of: number
  readonly counts: ReplayCounts
  readonly ended: readonly PolicyOutcome[]
}

/** What is shown while a replay runs: how far it is, and the waits of the policies that have ended. */
export function replayBoard({ policy, of, counts: { sent, ended: done, loads }, ended }: ReplayProgress): BarBoard {
  return {
    title: 'Waits through the gateway, in simulated time',
    progress: { done, of, now: `${policy}: ${sent - done} in hand, ${loads} loads` },
    kinds,
    unit: 'seconds',
    rows: ended.map(({ policy: name, figures: { wait, swaps } }) => ({
      label: name,
      lengths: [wait.meanMs, Math.max(0, wait.p95Ms - wait.meanMs), Math.max(0, wait.maxMs - wait.p95Ms)],
      note: `mean ${seconds(wait.meanMs)} s, longest ${seconds(wait.maxMs)} s, ${swaps} swaps`,
    })),
  }
}

const kinds: readonly BarKind[] = [
  { name: 'mean', color: 'green' },
  { name: '95 of 100 wait less', color: 'yellow' },
  { name: 'longest', color: 'red' },
]

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
