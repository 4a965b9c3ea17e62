import { type PathRound, type PathSpan, pathSpans, type SpanSizes } from './path-spans.ts'

export interface SummarySettings extends SpanSizes {
  /** Shorter paths are left as they are. */
  readonly aboveTokens: number
  /** The last rounds are given word for word, and need no summary yet. */
  readonly recentRounds: number
  readonly promptVersion: number
}

/** A summary that is there, without its text. */
export interface KeptSummary {
  readonly uptoReply: string
  readonly level: number
  readonly promptVersion: number
  readonly source: string
}

/** Which summaries a path lacks, in the order in which they can be written: each one's parts come before it. */
export function planSummaries({
  rounds,
  kept,
  settings,
}: {
  readonly rounds: readonly PathRound[]
  readonly kept: readonly KeptSummary[]
  readonly settings: SummarySettings
}): readonly PathSpan[] {
  if (tokensOf(rounds) <= settings.aboveTokens) return []
  const settled = rounds.slice(0, Math.max(0, rounds.length - settings.recentRounds))
  const fresh = new Set(kept.filter(({ promptVersion }) => promptVersion >= settings.promptVersion).map(keyOf))
  return pathSpans(settled, settings).filter((span) => !fresh.has(keyOf(span)))
}

function tokensOf(rounds: readonly PathRound[]): number {
  return rounds.reduce((sum, { tokens }) => sum + tokens, 0)
}

function keyOf({ level, uptoReply, source }: Pick<KeptSummary, 'level' | 'uptoReply' | 'source'>): string {
  return `${level} ${uptoReply} ${source}`
}
