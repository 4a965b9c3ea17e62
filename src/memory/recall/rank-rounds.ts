import type { RecallRound } from '../../core/recall-source.ts'

/**
 * The rounds that fit a question, the best first; those that do not fit are not among them.
 *
 * 1. Words: as in BM25, each word counts the more the fewer rounds have it. Once a round has it, how often is left out.
 * 2. Nearness, where rounds are embedded.
 * 3. What is talked about goes on for some rounds, so each lends of what it has to its neighbours on the path.
 * 4. The two orders are joined by rank, since their numbers have nothing in common.
 *
 * A tie goes to the later round.
 */
export function rankRounds(rounds: readonly RecallRound[]): readonly RecallRound[] {
  const facts = factsOf(rounds)
  const byWords = ordered(smoothed(new Map(rounds.map((round) => [round.distance, wordScore(round, facts)])))) // 1, 3
  const byNearness = ordered(smoothed(new Map(rounds.map((round) => [round.distance, nearness(round, rounds)])))) // 2, 3
  const scores = new Map<number, number>() // 4
  for (const { order, weight } of [
    { order: byWords, weight: wordsWeight },
    { order: byNearness, weight: nearnessWeight },
  ]) {
    for (const [rank, distance] of order.entries()) {
      scores.set(distance, (scores.get(distance) ?? 0) + weight / (rankOffset + rank + 1))
    }
  }
  const scoreOf = ({ distance }: RecallRound): number => scores.get(distance) ?? 0
  return rounds
    .filter((round) => scoreOf(round) > 0)
    .toSorted((one, other) => scoreOf(other) - scoreOf(one) || one.distance - other.distance)
}

/** Of what a round has, its neighbours get so much, and theirs. */
const neighbourShares = [0.35, 0.15]

/** With 60 the first ranks differ little, so that what both orders hold for good wins over what one holds for best. */
const rankOffset = 60
const nearnessWeight = 1
const wordsWeight = 1

/** BM25's usual constants. */
const saturation = 1.2
const lengthShare = 0.75

interface PathFacts {
  /** Rounds with known words. */
  readonly rounds: number
  readonly averageLength: number
  /** In how many of them each word of the question stands. */
  readonly roundsWith: ReadonlyMap<number, number>
}

function factsOf(rounds: readonly RecallRound[]): PathFacts {
  const known = rounds.filter(({ length }) => length > 0)
  const roundsWith = new Map<number, number>()
  for (const word of known.flatMap(({ words }) => words)) roundsWith.set(word, (roundsWith.get(word) ?? 0) + 1)
  const averageLength = known.reduce((sum, { length }) => sum + length, 0) / Math.max(1, known.length)
  return { rounds: known.length, averageLength, roundsWith }
}

function wordScore({ words, length }: RecallRound, { rounds, averageLength, roundsWith }: PathFacts): number {
  const relativeLength = averageLength > 0 ? length / averageLength : 1
  const brevity = (saturation + 1) / (1 + saturation * (1 - lengthShare + lengthShare * relativeLength))
  return words.reduce((sum, word) => sum + rarity(roundsWith.get(word) ?? 0, rounds) * brevity, 0)
}

function rarity(having: number, rounds: number): number {
  return Math.log(1 + (rounds - having + 0.5) / (having + 0.5))
}

/**
 * How far a round stands out. What two texts that have nothing in common come to differs from one embedder to the next, so
 * the floor is that of the path itself: its average and a spread. A path of few rounds has none worth the name.
 */
function nearness({ cosine }: RecallRound, rounds: readonly RecallRound[]): number {
  if (cosine === undefined) return 0
  const known = rounds.flatMap((round) => (round.cosine === undefined ? [] : [round.cosine]))
  const average = known.reduce((sum, value) => sum + value, 0) / known.length
  const spread = Math.sqrt(known.reduce((sum, value) => sum + (value - average) ** 2, 0) / known.length)
  const floor = known.length < fewRounds ? leastCosine : Math.max(leastCosine, average + spread)
  return cosine < floor ? 0 : cosine
}

const leastCosine = 0.3
const fewRounds = 8

/** Only rounds that are there get something: the others are not on the path, or have nothing near them. */
function smoothed(scores: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  return new Map(
    Array.from(scores, ([distance, own]) => {
      const lent = neighbourShares.reduce((sum, share, step) => {
        const near = (scores.get(distance - step - 1) ?? 0) + (scores.get(distance + step + 1) ?? 0)
        return sum + share * near
      }, 0)
      return [distance, own + lent]
    }),
  )
}

function ordered(scores: ReadonlyMap<number, number>): readonly number[] {
  return Array.from(scores)
    .filter(([, score]) => score > 0)
    .toSorted(([a, x], [b, y]) => y - x || a - b)
    .map(([distance]) => distance)
}
