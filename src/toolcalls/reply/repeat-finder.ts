import { beginningsOf } from './beginnings.ts'
import { EchoSearch } from './echo-search.ts'
import { lastWords, wordStarts } from './last-words.ts'

/** A place at which the model may have begun. */
interface Attempt {
  readonly from: number
  /** For the words that it was asked to begin with. */
  readonly asked: EchoSearch
  /** For all else that models begin with. */
  readonly other: EchoSearch
}

/**
 * Finds how a model that was asked to go on begins anew: with its last words, as it should, or with the cut word, the line,
 * the sentence, the whole answer, perhaps behind a remark or with the fence opened again. That shows whether a word was cut
 * in the middle. What comes out depends on the text alone, never on where that was cut. Owned by one answer.
 */
export class RepeatFinder {
  readonly #said: string
  readonly #solid: string
  readonly #text: string[] = []
  /** Where it just begins; undefined until its first character is there. */
  #first: Attempt | undefined
  /** Behind a remark, a quote or a fence; undefined until it is clear where these end. */
  #others: readonly Attempt[] | undefined
  #fence = 0

  /** @param said as the model was shown it, without white space at its end */
  constructor(said: string) {
    this.#said = said
    this.#solid = solidOf(said)
  }

  /** Characters of what came that are no part of the answer; undefined while that is not clear. Not called again after that. */
  push(text: string): number | undefined {
    if (text === '') return undefined
    this.#text.push(text)
    this.#first ??= this.#attemptAt(0, text)
    for (const { asked, other } of [this.#first, ...(this.#others ?? [])]) {
      asked.push(text)
      other.push(text)
    }
    return this.#weighed(this.#first, true)
  }

  /** The same where nothing more comes. */
  end(): number {
    return (this.#first && this.#weighed(this.#first, false)) ?? 0
  }

  /** What it was asked to begin with counts most, wherever that stands, then the longest repeat. */
  #weighed(first: Attempt, mayCome: boolean): number | undefined {
    if (first.asked.length !== undefined) return first.asked.length
    if (mayCome && first.asked.mayCome) return undefined
    const others = (this.#others ??= this.#furtherAttempts(mayCome))
    if (others === undefined) return undefined
    const attempts = [first, ...others]
    const searches = [
      ...attempts.map(({ from, asked }) => ({ from, search: asked })),
      ...attempts.map(({ from, other }) => ({ from, search: other })),
    ]
    for (const { from, search } of searches) {
      if (mayCome && search.mayCome) return undefined
      if (search.length !== undefined) return from + search.length
    }
    return this.#fence
  }

  #furtherAttempts(mayCome: boolean): readonly Attempt[] | undefined {
    const text = this.#text.join('')
    const { places, fence, mayGrow } = beginningsOf(text, endsInFence(this.#said))
    if (mayGrow && mayCome) return undefined
    this.#fence = fence ?? 0
    return places.slice(1).map((from) => {
      const attempt = this.#attemptAt(from, text.slice(from))
      attempt.asked.push(text.slice(from))
      attempt.other.push(text.slice(from))
      return attempt
    })
  }

  #attemptAt(from: number, text: string): Attempt {
    const [said, solid] = [this.#said, this.#solid]
    // Who goes on exactly begins with the space between two words; who begins anew does not.
    const isSpaced = /^\s/.test(text)
    const isFenced = from > 0 && from === this.#fence
    const least = isFenced ? fencedMin : isSpaced ? spacedMin : repeatMin
    const starts = startsIn(said).filter((start) => solid.length - start >= least)
    const word = isSpaced || isFenced ? undefined : cutWord(said)
    const asked = solidOf(lastWords(said)).length
    return {
      from,
      asked: new EchoSearch(solid, asked < repeatMin ? [] : [solid.length - asked]),
      other: new EchoSearch(solid, word === undefined ? starts : [...starts, solid.length - word.length]),
    }
  }
}

/** Characters that are no white space. What is shorter is no repeat. */
const repeatMin = 8
const spacedMin = 24
/** Who opened the fence again will have begun the line again. */
const fencedMin = 3
/** Characters in which a sentence or a word may be begun anew: a long sentence, or a line or two of code. */
const tailMax = 400

function solidOf(text: string): string {
  return text.replaceAll(/\s/g, '')
}

/** Starts of lines, and of the latest words, as places in the text without white space; rising. */
function startsIn(said: string): readonly number[] {
  const lines = Array.from(said.matchAll(/^\s*\S/gm), ({ index, 0: { length } }) => index + length - 1)
  const places = [...new Set([...lines, ...wordStarts(said, said.length - tailMax)])].sort((one, other) => one - other)
  let [solid, at] = [0, 0]
  return places.map((place) => {
    solid += solidOf(said.slice(at, place)).length
    at = place
    return solid
  })
}

/** The word at the end, which a model may begin anew. One that repeats itself may go on so. */
function cutWord(said: string): string | undefined {
  const word = /(?<![\p{L}\p{N}_])\p{L}{3,64}$/u.exec(said)?.[0]
  return word === undefined || /^(.+)\1/u.test(word) ? undefined : word
}

function endsInFence(said: string): boolean {
  return (said.match(/^\s*```/gm)?.length ?? 0) % 2 === 1
}
