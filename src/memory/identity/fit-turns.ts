import type { ClaimedRound } from '../../core/conversation-claims.ts'
import type { FoundReply, FoundTurn } from '../../core/found-turns.ts'
import { type Match, matchReply } from './match-reply.ts'

/** A turn with the reply of it that the last shown round fits best. */
export interface Fit {
  readonly turn: FoundTurn
  readonly reply: FoundReply
  readonly match: Match
  /** Rounds from the last one back whose words are the path's. */
  readonly aligned: number
  /** Of those before the last one, the ones whose reply is the path's too. */
  readonly heard: number
}

/** Those that nothing shown speaks against, the best first. */
export function fitTurns(turns: readonly FoundTurn[], rounds: readonly ClaimedRound[]): readonly Fit[] {
  return turns
    .flatMap((turn) => fitTurn(turn, rounds))
    .toSorted((one, other) => compare(one, other) || newer(one, other))
}

/** The best, unless another conversation is as good: then nothing that is shown says which of them it is. */
export function onlyBest(fits: readonly Fit[]): Fit | undefined {
  const [best, ...others] = fits
  if (best === undefined) return undefined
  const isTied = others.some((fit) => compare(best, fit) === 0 && fit.turn.conversation !== best.turn.conversation)
  return isTied ? undefined : best
}

/** How many of the latest rounds are those of a path, which is given from its end upwards. */
export function countAligned(path: readonly { readonly user: string }[], rounds: readonly ClaimedRound[]): number {
  const last = rounds.length - 1
  const differing = path.findIndex(({ user }, up) => rounds[last - up]?.user !== user)
  return differing === -1 ? path.length : differing
}

function fitTurn(turn: FoundTurn, rounds: readonly ClaimedRound[]): readonly Fit[] {
  const shown = rounds.at(-1)?.reply
  const [best] = turn.replies
    .map((reply) => ({ reply, match: matchReply(shown, reply) }))
    .toSorted((one, other) => other.match - one.match || Number(other.reply.id) - Number(one.reply.id))
  if (best === undefined || best.match === 0) return []
  const aligned = countAligned([turn, ...turn.ancestors], rounds)
  return [{ turn, ...best, aligned, heard: countHeard(turn, rounds, aligned) }]
}

function countHeard({ ancestors }: FoundTurn, rounds: readonly ClaimedRound[], aligned: number): number {
  return ancestors.slice(0, Math.max(0, aligned - 1)).filter(({ digest }, up) => {
    const shown = rounds.at(-2 - up)?.reply?.digest
    return shown !== undefined && shown === digest
  }).length
}

function compare(one: Fit, other: Fit): number {
  return other.match - one.match || other.heard - one.heard || other.aligned - one.aligned
}

function newer(one: Fit, other: Fit): number {
  return Number(other.reply.id) - Number(one.reply.id)
}
