import { createHash } from 'node:crypto'

import type { PathRound } from '../../core/conversation-path.ts'

/** A stretch of a path that is to have one summary: rounds at level 1, spans of the level below at the others. */
export interface PathSpan {
  readonly level: number
  /** The last reply in it, by which its summary is known: every branch that goes on from there shares it. */
  readonly uptoReply: string
  readonly fromDepth: number
  readonly uptoDepth: number
  readonly rounds: readonly PathRound[]
  /** Of which it is made, one level below; empty at level 1. */
  readonly children: readonly PathSpan[]
  /** Digest of what it is made of. */
  readonly source: string
}

export interface SpanSizes {
  /** A span of level 1 is full when its rounds have so many tokens together. */
  readonly spanTokens: number
  /** So many spans make one of the next level. */
  readonly fanIn: number
}

/**
 * Every full span of a path, those of lower levels first. They are counted off from the root, so a path that goes on
 * keeps the spans it had, and two branches have those before their fork in common.
 */
export function pathSpans(rounds: readonly PathRound[], { spanTokens, fanIn }: SpanSizes): readonly PathSpan[] {
  const levels: (readonly PathSpan[])[] = [fullSpans(rounds, spanTokens)]
  for (let below = levels[0] ?? []; below.length >= fanIn;) {
    below = groupsOf(below, fanIn)
    levels.push(below)
  }
  return levels.flat()
}

function fullSpans(rounds: readonly PathRound[], spanTokens: number): readonly PathSpan[] {
  const spans: PathSpan[] = []
  let open: PathRound[] = []
  let tokens = 0
  for (const round of rounds) {
    open.push(round)
    tokens += round.tokens
    if (tokens < spanTokens) continue
    spans.push(spanOf({ level: 1, rounds: open, children: [] }))
    open = []
    tokens = 0
  }
  return spans
}

function groupsOf(below: readonly PathSpan[], fanIn: number): readonly PathSpan[] {
  return Array.from({ length: Math.floor(below.length / fanIn) }, (_, group) => {
    const children = below.slice(group * fanIn, (group + 1) * fanIn)
    const level = (children[0]?.level ?? 0) + 1
    return spanOf({ level, children, rounds: children.flatMap((child) => child.rounds) })
  })
}

function spanOf({ level, rounds, children }: Pick<PathSpan, 'level' | 'rounds' | 'children'>): PathSpan {
  const parts = level === 1 ? rounds.map(({ digest }) => digest) : children.map(({ source }) => source)
  return {
    level,
    rounds,
    children,
    fromDepth: rounds.at(0)?.depth ?? 0,
    uptoDepth: rounds.at(-1)?.depth ?? 0,
    uptoReply: rounds.at(-1)?.reply ?? '',
    source: createHash('sha256').update(parts.join('\n')).digest('hex'),
  }
}
