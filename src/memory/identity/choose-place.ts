import type { ConversationClaims } from '../../core/conversation-claims.ts'
import type { FoundReply, FoundTurn, FoundTurns } from '../../core/found-turns.ts'
import type { PlacedConversation, Placement } from '../../core/turn-place.ts'
import { isUnique } from './call-ids.ts'
import { clientSendsHistory } from './client-habits.ts'
import { countAligned, fitTurns, isContradicted, onlyBest } from './fit-turns.ts'
import { matchReply } from './match-reply.ts'

/** By what a request was recognised, from the surest sign to none. */
export type IdentityTier = 'response' | 'tool' | 'explicit' | 'chain' | 'reply' | 'window' | 'new'

export interface ChosenPlace {
  readonly tier: IdentityTier
  readonly placement: Placement
  /** The reply that its turn answers; absent at a root. */
  readonly parentReply?: string
  /** Turns above its own that the client itself sent along, the nearest first; at most `roundsMax`. */
  readonly alignedTurns: readonly string[]
}

/**
 * Where a request belongs, by the surest sign that it gives:
 *
 * 1. the reply that it says it goes on from;
 * 2. ids of tool calls, which were given out with one reply;
 * 3. the conversation that its client names, and in it the reply that it shows;
 * 4. all words of the user so far, and the reply to the last of them;
 * 5. a reply of ours that is long enough to be nobody else's;
 * 6. the last words and replies of a longer conversation;
 * 7. none: a new conversation, as for everything that shows nothing earlier.
 *
 * A reply that contradicts what is shown is never gone on from: where the client has the history, a conversation that is
 * begun anew costs nothing, and one that is joined wrongly is told what somebody else said.
 */
export function choosePlace(claims: ConversationClaims, found: FoundTurns): ChosenPlace {
  // A client that names its conversations names them always: the others' are no business of theirs.
  const unnamed = found.turns.filter(({ isKeyed }) => !isKeyed)
  return (
    byResponse(claims, found.turns) ??
    byCalls(claims, found.turns) ??
    byKey(claims, found) ??
    byChain(claims, unnamed) ??
    byOwnReply(claims, unnamed) ??
    byWindow(claims, unnamed) ??
    anew(claims)
  )
}

function byResponse(claims: ConversationClaims, turns: readonly FoundTurn[]): ChosenPlace | undefined {
  const { previousRequestId, isStep, current } = claims
  if (previousRequestId === undefined) return undefined
  for (const turn of turns) {
    const reply = turn.replies.find(({ requestId }) => requestId === previousRequestId)
    if (reply === undefined) continue
    const isSameTurn = isStep && turn.user === current.user
    return isSameTurn ? stepOf(claims, 'response', { turn, reply }) : below(claims, 'response', { turn, reply })
  }
  return undefined
}

function byCalls(claims: ConversationClaims, turns: readonly FoundTurn[]): ChosenPlace | undefined {
  const { callIds, rounds, isStep } = claims
  const last = rounds.at(-1)
  if (callIds.length === 0) return undefined
  const [best] = turns
    .filter((turn) => callIds.some(isUnique) || (isStep && isWholePath(turn, claims) && !isContradicted(turn, rounds)))
    .flatMap((turn) => callersOf(turn).map((reply) => ({ turn, reply })))
    .toSorted((one, other) => other.reply.calls - one.reply.calls || newer(one.reply, other.reply))
  if (best === undefined) return undefined
  if (isStep) return stepOf(claims, 'tool', best)
  // What was called for has been answered since: its turn ended in another reply, the one that is shown if it is there.
  const shown = best.turn.replies.find((reply) => last?.reply !== undefined && matchReply(last.reply, reply) >= 2)
  return below(claims, 'tool', { turn: best.turn, reply: shown ?? best.turn.replies.toSorted(newer)[0] ?? best.reply })
}

function callersOf({ replies }: FoundTurn): readonly FoundReply[] {
  return replies.filter(({ calls }) => calls > 0)
}

/** The client shows all of it, from the root to this turn: then nothing foreign can be on it. */
function isWholePath(
  { chain, depth }: FoundTurn,
  { rounds, olderRounds, current, isStep }: ConversationClaims,
): boolean {
  const last = isStep ? current : rounds.at(-1)
  return chain === last?.chain && depth === rounds.length + olderRounds + Number(isStep)
}

function byKey(claims: ConversationClaims, found: FoundTurns): ChosenPlace | undefined {
  const { key, rounds, isStep, current } = claims
  const { keyed } = found
  if (key === undefined) return undefined
  if (keyed === undefined) return begun(claims, { type: 'keyed', key })
  const conversation = { type: 'existing', id: keyed.id } as const
  const own = found.turns.filter((turn) => turn.conversation === keyed.id)
  if (rounds.length > 0) {
    const [best] = fitTurns(own, rounds)
    return best === undefined ? atRoot(claims, 'explicit', conversation) : below(claims, 'explicit', best)
  }
  const turn = own.find(({ replies }) => replies.some(({ id }) => id === keyed.newestReply))
  const reply = turn?.replies.find(({ id }) => id === keyed.newestReply)
  if (isStep && reply !== undefined && turn?.user === current.user) return stepOf(claims, 'explicit', { turn, reply })
  // A client that sends its history and shows none has begun again, or edited its first words.
  const isRoot = keyed.sendsHistory === true || clientSendsHistory(key.source)
  if (isRoot || turn === undefined || reply === undefined) return atRoot(claims, 'explicit', conversation)
  return below(claims, 'explicit', { turn, reply })
}

function byChain(claims: ConversationClaims, turns: readonly FoundTurn[]): ChosenPlace | undefined {
  const { rounds, isStep } = claims
  const whole = turns.filter((turn) => isWholePath(turn, claims))
  if (isStep) {
    // Its calls are not known: engines differ in what they call by name alone. Its words are all there.
    const [turn] = whole
      .filter((one) => !isContradicted(one, rounds))
      .toSorted((one, other) => Number(other.id) - Number(one.id))
    const reply = turn?.replies.toSorted(newer)[0]
    if (turn !== undefined && reply !== undefined) return stepOf(claims, 'chain', { turn, reply })
  }
  if (rounds.length === 0) return undefined
  const parents = isStep ? turns.filter((turn) => isWholePath(turn, { ...claims, isStep: false })) : whole
  const [best, ...others] = fitTurns(parents, rounds).filter(({ contradicted }) => contradicted === 0)
  // One that is still being said may be anybody's.
  if (best === undefined || (best.match === 1 && others.length > 0)) return undefined
  return below(claims, 'chain', best)
}

function byOwnReply(claims: ConversationClaims, turns: readonly FoundTurn[]): ChosenPlace | undefined {
  const { rounds } = claims
  const length = rounds.at(-1)?.reply?.length ?? 0
  if (length < ownReplyLength) return undefined
  const fits = fitTurns(turns, rounds).filter(({ match }) => match >= 2)
  const best = onlyBest(fits)
  if (best === undefined) return undefined
  const isAlone = fits.every(({ turn }) => turn.conversation === best.turn.conversation)
  const isBeyondDoubt = best.match === 3 && length >= unalignedReplyLength && isAlone
  return best.aligned > 0 || isBeyondDoubt ? below(claims, 'reply', best) : undefined
}

/** Shorter ones are said again and again. */
const ownReplyLength = 40
/** After other words: clients rewrite and sum up what was said, and engines repeat their refusals. */
const unalignedReplyLength = 160

function byWindow(claims: ConversationClaims, turns: readonly FoundTurn[]): ChosenPlace | undefined {
  const { rounds } = claims
  const best = onlyBest(fitTurns(turns, rounds).filter(({ match, contradicted }) => match === 3 && contradicted === 0))
  // "Continue" and "OK" are said in many conversations: twice in a row, with the same replies, in few.
  return best !== undefined && best.heard > 0 ? below(claims, 'window', best) : undefined
}

function anew(claims: ConversationClaims): ChosenPlace {
  return begun(claims, { type: 'new' })
}

interface Found {
  readonly turn: FoundTurn
  readonly reply: FoundReply
}

/** The next turn under a reply. */
function below(claims: ConversationClaims, tier: IdentityTier, { turn, reply }: Found): ChosenPlace {
  const { current, rounds } = claims
  const path = [turn, ...turn.ancestors]
  return {
    tier,
    parentReply: reply.id,
    alignedTurns: path.slice(0, countAligned(path, rounds)).map(({ id }) => id),
    placement: {
      conversation: { type: 'existing', id: turn.conversation },
      turn: { type: 'child', parentReply: reply.id, depth: turn.depth + 1, words: current },
      showsHistory: rounds.length > 0,
    },
  }
}

/** A further step of the same turn. */
function stepOf({ rounds }: ConversationClaims, tier: IdentityTier, { turn, reply }: Found): ChosenPlace {
  const { ancestors } = turn
  return {
    tier,
    ...(turn.parentReply !== null && { parentReply: turn.parentReply }),
    alignedTurns: ancestors.slice(0, countAligned(ancestors, rounds)).map(({ id }) => id),
    placement: {
      conversation: { type: 'existing', id: turn.conversation },
      turn: { type: 'step', id: turn.id, continues: reply.id },
      showsHistory: rounds.length > 0,
    },
  }
}

function atRoot(
  { current, rounds }: ConversationClaims,
  tier: IdentityTier,
  conversation: PlacedConversation,
): ChosenPlace {
  return {
    tier,
    alignedTurns: [],
    placement: {
      conversation,
      turn: { type: 'child', parentReply: undefined, depth: 1, words: current },
      showsHistory: rounds.length > 0,
    },
  }
}

/** The first that is known of a conversation. What the client shows of it is kept by its word, so that what follows fits. */
function begun(claims: ConversationClaims, conversation: PlacedConversation): ChosenPlace {
  const { rounds, olderRounds, current } = claims
  if (rounds.length === 0) return atRoot(claims, 'new', conversation)
  return {
    tier: 'new',
    alignedTurns: [],
    placement: { conversation, turn: { type: 'imported', rounds, olderRounds, words: current }, showsHistory: true },
  }
}

function newer(one: FoundReply, other: FoundReply): number {
  return Number(other.id) - Number(one.id)
}
