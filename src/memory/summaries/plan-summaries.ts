import type { PathRound, PathSummary } from '../../core/conversation-path.ts'
import { type PathSpan, pathSpans, type SpanSizes } from './path-spans.ts'

export interface SummarySettings extends SpanSizes {
  /** Shorter paths are left as they are. */
  readonly aboveTokens: number
  /** The last rounds are given word for word, and need no summary yet. */
  readonly recentRounds: number
  readonly promptVersion: number
}

/** A summary that is there, without its text. */
export type KeptSummary = Pick<PathSummary, 'uptoReply' | 'level' | 'promptVersion' | 'source'>

export interface SummaryPlan {
  /** What the path lacks, in the order in which it can be written: the parts of each come before it. */
  readonly write: readonly PathSpan[]
  /** What tells a stretch that is none any more: when it was written, a round before it was not there yet. */
  readonly drop: readonly KeptSummary[]
}

export function planSummaries({
  rounds,
  kept,
  settings,
}: {
  readonly rounds: readonly PathRound[]
  readonly kept: readonly KeptSummary[]
  readonly settings: SummarySettings
}): SummaryPlan {
  if (tokensOf(rounds) <= settings.aboveTokens) return { write: [], drop: [] }
  const settled = rounds.slice(0, Math.max(0, rounds.length - settings.recentRounds))
  const fresh = new Set(kept.filter(({ promptVersion }) => promptVersion >= settings.promptVersion).map(keyOf))
  // A longer branch may have summaries of rounds that are the last ones here.
  const places = new Set(pathSpans(rounds, settings).map(placeOf))
  return {
    write: pathSpans(settled, settings).filter((span) => !fresh.has(keyOf(span))),
    drop: kept.filter((summary) => !places.has(placeOf(summary))),
  }
}

/** There is one summary at a place. */
export function placeOf({ level, uptoReply }: Pick<KeptSummary, 'level' | 'uptoReply'>): string {
  return `${level} ${uptoReply}`
}

function tokensOf(rounds: readonly PathRound[]): number {
  return rounds.reduce((sum, { tokens }) => sum + tokens, 0)
}

function keyOf(summary: Pick<KeptSummary, 'level' | 'uptoReply' | 'source'>): string {
  return `${placeOf(summary)} ${summary.source}`
}
