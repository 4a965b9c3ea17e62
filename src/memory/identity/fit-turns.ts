import type { ClaimedRound } from '../../core/conversation-claims.ts'
import { candidatesMax, type FoundReply, type FoundTurn } from '../../core/found-turns.ts'
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
  /** … and those whose reply is another one. */
  readonly contradicted: number
  /** Rounds with tools where none are shown, or the other way round: clients may hide them, but who has a choice takes it. */
  readonly odd: number
}

/** Those that nothing shown speaks against, the best first. */
export function fitTurns(turns: readonly FoundTurn[], rounds: readonly ClaimedRound[]): readonly Fit[] {
  return turns
    .flatMap((turn) => fitTurn(turn, rounds))
    .toSorted((one, other) => compare(one, other) || newer(one, other))
}

/**
 * The best, unless another conversation is as good, or may be among those that were too many to be found: then nothing that
 * is shown says which of them it is.
 */
export function onlyBest(fits: readonly Fit[]): Fit | undefined {
  const [best, ...others] = fits
  if (best === undefined || fits.length >= candidatesMax) return undefined
  const isTied = others.some((fit) => compare(best, fit) === 0 && fit.turn.conversation !== best.turn.conversation)
  return isTied ? undefined : best
}

/** Whether what was said on the way to a turn is something else than what is shown of it. */
export function isContradicted({ ancestors }: FoundTurn, rounds: readonly ClaimedRound[]): boolean {
  return ancestors.some(({ digest, prefixDigest }, up) => {
    const shown = rounds.at(-1 - up)?.reply
    return digest !== null && shown !== undefined && digest !== shown.digest && prefixDigest !== shown.prefixDigest
  })
}

/** How many of the latest rounds are those of a path, which is given from its end upwards. */
export function countAligned(path: readonly { readonly user: string }[], rounds: readonly ClaimedRound[]): number {
  const last = rounds.length - 1
  const differing = path.findIndex(({ user }, up) => rounds[last - up]?.user !== user)
  return differing === -1 ? path.length : differing
}

function fitTurn(turn: FoundTurn, rounds: readonly ClaimedRound[]): readonly Fit[] {
  const last = rounds.at(-1)
  const [best] = turn.replies
    .map((reply) => ({ reply, match: matchReply(last?.reply, reply) }))
    .toSorted((one, other) => other.match - one.match || Number(other.reply.id) - Number(one.reply.id))
  if (best === undefined || best.match === 0) return []
  const aligned = countAligned([turn, ...turn.ancestors], rounds)
  const compared = compareReplies(turn, rounds, aligned)
  const odd = compared.odd + Number(best.reply.isLaterStep !== (last?.hasCalls ?? false))
  return [{ turn, ...best, aligned, ...compared, odd }]
}

/** Of the rounds before the last one, as far as the user's words are the path's. */
function compareReplies({ ancestors }: FoundTurn, rounds: readonly ClaimedRound[], aligned: number) {
  const before = ancestors.slice(0, Math.max(0, aligned - 1))
  const odd = before.filter(({ isLaterStep }, up) => isLaterStep !== (rounds.at(-2 - up)?.hasCalls ?? false)).length
  const pairs = before
    .map(({ digest, prefixDigest }, up) => ({ digest, prefixDigest, shown: rounds.at(-2 - up)?.reply }))
    .filter(({ digest, shown }) => digest !== null && shown !== undefined)
  const isSame = ({ digest, prefixDigest, shown }: (typeof pairs)[number]): boolean =>
    digest === shown?.digest || prefixDigest === shown?.prefixDigest
  const heard = pairs.filter(isSame).length
  return { heard, contradicted: pairs.length - heard, odd }
}

function compare(one: Fit, other: Fit): number {
  return (
    other.match - one.match ||
    one.contradicted - other.contradicted ||
    other.heard - one.heard ||
    other.aligned - one.aligned ||
    one.odd - other.odd
  )
}

function newer(one: Fit, other: Fit): number {
  return Number(other.reply.id) - Number(one.reply.id)
}
