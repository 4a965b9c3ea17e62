import type { RecallMode } from '../../core/recall-mode.ts'
import type { RecallRound } from '../../core/recall-source.ts'
import { rankRounds } from './rank-rounds.ts'
import type { IsShown } from './shown-on.ts'

/** Replies of which what was said is to be given back. */
export interface ChosenRounds {
  /** The latest first. */
  readonly window: readonly string[]
  /** The best first. */
  readonly retrieved: readonly string[]
}

export interface ChooseOptions {
  readonly mode: RecallMode
  /** What the client itself sent along is never given back a second time. */
  readonly isShown: IsShown
}

/**
 * Which rounds of the path a request is given back: the latest two, and of those before them the four that fit best, less
 * what the client sent along. Only what is on the path is ever handed in, so nothing else can be chosen.
 */
export function chooseRounds(path: readonly RecallRound[], { mode, isShown }: ChooseOptions): ChosenRounds {
  if (mode === 'off') return { window: [], retrieved: [] }
  const window = path.filter((round) => round.distance < windowRounds && !isShown(round))
  // What the client shows counts for its neighbours all the same.
  const fitting = mode === 'window' ? [] : rankRounds(path)
  const retrieved = fitting.filter((round) => round.distance >= windowRounds && !isShown(round)).slice(0, retrievedMost)
  return {
    window: window.toSorted((one, other) => one.distance - other.distance).map(({ reply }) => reply),
    retrieved: retrieved.map(({ reply }) => reply),
  }
}

/** Four messages. */
export const windowRounds = 2
const retrievedMost = 4
